# SPDX-License-Identifier: MIT
"""How cost grows with the number of actors, senders, bytes and threads."""

from . import matrix, report


def measurements(threads):
    """Every point, and where it belongs: pairs of (growth, line, value) and the measurement."""
    for growth in matrix.GROWTHS:
        for line in growth.lines:
            for value in growth.values:
                for n_threads in threads if '{}' in line[1] else (value,):
                    yield (growth, line, value), matrix.point(growth, line, value, n_threads)


def curve_name(line, measurement):
    """What a curve is about: what stays the same along it."""
    fixed = [one for one in line[1].split() if '{}' not in one and not one.startswith('n=')]
    on = f'{measurement.threads} thread{"s" if measurement.threads > 1 else ""}'
    return ' '.join([line[0], *fixed, *([on] if '{}' in line[1] else [])])


def panels(points, table):
    """Pairs of a growth and its curves: lists of (value, summary) by peer and name."""
    lines = {line.measurement: line for line in table}
    curves = {growth: {} for growth in matrix.GROWTHS}
    for (growth, line, value), measurement in points:
        if measurement not in lines:
            continue
        for peer, cell in lines[measurement].cells.items():
            if isinstance(cell, report.Summary):
                key = peer, curve_name(line, measurement)
                curves[growth].setdefault(key, []).append((value, cell))
    return list(curves.items())


def markdown(all_panels):
    """A table for each thing that grows: a line per curve, a column per value."""
    for growth, curves in all_panels:
        if not curves:
            continue
        unit = 'ns per ms' if growth.name == 'idle' else 'ns'
        yield f'### {growth.axis}'
        yield ''
        yield f'| {unit} | ' + ' | '.join(map(str, growth.values)) + ' |'
        yield '|---|' + '---:|' * len(growth.values)
        for (peer, what), points in curves.items():
            texts = {value: report.text_of(cell, False) for value, cell in points}
            cells = [f'{peer}: {what}', *(texts.get(value, '') for value in growth.values)]
            yield '| ' + ' | '.join(cells) + ' |'
        yield ''
