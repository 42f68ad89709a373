# SPDX-License-Identifier: MIT
"""From rows to medians, ratios and a table."""

import collections
import datetime
import os
import pathlib
import platform
import statistics

from . import matrix

# All that was seen of a figure: its median counts. Disturbed: there was no run without.
Summary = collections.namedtuple('Summary', 'median min max n disturbed')

# A line of the table. Best is the name of the best peer, ratio how many times slower it is.
Line = collections.namedtuple('Line', 'measurement figure cells best ratio required')


def group(rows):
    """The rows of each program's runs of each measurement."""
    groups = collections.defaultdict(list)
    for row in rows:
        key = matrix.Measurement(row['workload'], row['param'], row['threads'])
        groups[key, row['peer']].append(row)
    return groups


def summarize(rows, figure, is_disturbed):
    """The runs that were not disturbed, or if there are none, all: a Summary, or None."""
    rows = [row for row in rows if figure in row]
    quiet = [row for row in rows if not is_disturbed(row)]
    values = [row[figure] for row in quiet or rows]
    if not values:
        return None
    return Summary(statistics.median(values), min(values), max(values), len(values), not quiet)


def cell_of(rows, figure, is_disturbed):
    """A Summary, or in words why there is none; a failure hides all runs that went well."""
    for row in rows:
        if 'error' in row:
            return 'failed'
    return summarize(rows, figure, is_disturbed) or ('–' if rows else '')


def compare(measurement, cells):
    """The best peer, and how many times slower it is than we are."""
    ours = cells.get(matrix.OURS)
    peers = {name: cell.median for name, cell in cells.items()
             if isinstance(cell, Summary) and name in matrix.PEERS
             and (measurement.workload, name) not in matrix.INCOMPARABLE}
    if not isinstance(ours, Summary) or not peers or ours.median <= 0:
        return None, None
    best = min(peers, key=peers.get)
    return best, peers[best] / ours.median


def lines(rows, names, is_disturbed):
    """The lines of the table, in the order in which they were measured."""
    groups = group(rows)
    measurements = list(dict.fromkeys(measurement for measurement, _ in groups))
    for measurement in measurements:
        of_all = [row for name in names for row in groups.get((measurement, name), [])]
        figures = [figure for figure in matrix.FIGURES if any(figure in row for row in of_all)]
        for figure in figures or ['ns_per_op']:
            cells = {name: cell_of(groups.get((measurement, name), []), figure, is_disturbed)
                     if matrix.is_written(name, measurement.workload) else '–'
                     for name in names}
            best, ratio = compare(measurement, cells)
            required = matrix.REQUIRED.get(measurement.workload) if ratio else None
            yield Line(measurement, figure, cells, best, ratio, required)


def results(table):
    """One row per program and measurement, for other programs to read."""
    for line in table:
        for name, cell in line.cells.items():
            if isinstance(cell, Summary):
                yield {'peer': name, **line.measurement._asdict(), line.figure: cell.median,
                       'min': cell.min, 'median': cell.median, 'max': cell.max,
                       'n_runs': cell.n, 'disturbed': cell.disturbed}


def cells_of(some_results):
    """The other way round: by measurement, and then by program, its Summary of what passes by the
    clock."""
    table = {}
    for one in some_results:
        if 'ns_per_op' in one:
            measurement = matrix.Measurement(one['workload'], one['param'], one['threads'])
            table.setdefault(measurement, {})[one['peer']] = Summary(
                one['median'], one['min'], one['max'], one['n_runs'], one['disturbed'])
    return table


def number(value):
    if value >= 100:
        return f'{value:.0f}'
    return f'{value:.1f}' if value >= 10 else f'{value:.2f}'


def text_of(cell, is_best):
    if not isinstance(cell, Summary):
        return cell
    text = number(cell.median) + ('~' if cell.disturbed else '')
    return f'**{text}**' if is_best else text


def row_of(line, names):
    measurement = line.measurement
    words, unit = matrix.FIGURES[line.figure]
    cells = [text_of(line.cells[name], name == line.best) for name in names]
    holds = ''
    if line.required:
        holds = 'yes' if line.ratio >= line.required else '**no**'
    return [' '.join(filter(None, [measurement.workload, words])), measurement.param,
            str(measurement.threads), unit, *cells, line.best or '',
            f'{line.ratio:.2f}' if line.ratio else '',
            f'{line.required:g}' if line.required else '', holds]


def markdown(table, names):
    """The table itself."""
    head = ['workload', 'settings', 'threads', 'unit', *names, 'best peer', 'times ahead',
            'required', 'holds']
    yield '| ' + ' | '.join(head) + ' |'
    yield '|' + '---|' * 4 + '---:|' * len(names) + '---|---:|---:|---|'
    for line in table:
        yield '| ' + ' | '.join(row_of(line, names)) + ' |'


def processor():
    for line in pathlib.Path('/proc/cpuinfo').read_text().splitlines():
        if line.startswith('model name'):
            return line.split(':', 1)[1].strip()
    return platform.machine()


def circumstances(programs, left_out, options, rows, is_disturbed):
    """When, where, by what and how well this was measured."""
    n_disturbed = sum(is_disturbed(row) for row in rows)
    yield f'- {datetime.date.today()}, {processor()}, {os.cpu_count()} processors, ' \
          f'{platform.system()} {platform.release()}'
    yield f'- medians of {options.rounds} rounds' + (
        ', **short runs: too short for conclusions**' if options.quick else '')
    yield f'- {n_disturbed} of {len(rows)} runs were disturbed, by the calibration before or ' \
          'after; what had no other is marked by ~'
    for program in programs:
        yield f'- {program.name}: {program.made_with}'
    for name, reason in left_out.items():
        yield f'- {name} was left out: {reason.splitlines()[0]}'


def remarks(rows):
    """What the table cannot show: failures, and why something was not run."""
    seen = {}
    for row in rows:
        what = f'{row["peer"]}, {row["workload"]} {row["param"]}'.rstrip()
        if 'error' in row:
            seen[f'- {what}, on {row["threads"]}: **failed**: {row["error"]}'] = None
        elif 'skipped' in row:
            seen[f'- {what}: {row["skipped"]}'] = None
        reason = matrix.INCOMPARABLE.get((row['workload'], row['peer']))
        if reason:
            seen[f'- {what}: not compared: {reason}'] = None
    return list(seen)
