# SPDX-License-Identifier: MIT
"""Pictures of the results, if gnuplot is there."""

import shutil
import subprocess

from . import matrix, report

COLOURS = {
    'actor': '#c0392b', 'caf': '#7f8c8d', 'go': '#2980b9', 'tokio': '#27ae60',
    'actix': '#8e44ad', 'thespis': '#d68910', 'uv': '#16a085',
    'by hand': '#7f8c8d', 'on the loop': '#c0392b', 'on a pool': '#e59866',
    'libzmq': '#2980b9', 'nng': '#27ae60',
}

BARS = '''
set terminal svg noenhanced size {width},560 background rgb 'white' font 'sans,12'
set output '{name}.svg'
set title '{title}'
set style data histograms
set style histogram clustered gap 1
set style fill solid
set boxwidth 0.9
set logscale y
set yrange [5:*]
set xrange [-0.6:{last}]
set ylabel 'ns, logarithmic; lower is better'
set grid y
set key top left horizontal
set xtics rotate by -35
set datafile missing '?'
plot {plots}
'''

LINES_HEAD = '''
set terminal svg noenhanced size 1000,{height} background rgb 'white' font 'sans,12'
set output '{name}.svg'
set logscale xy
set format x '%.0f'
set grid y
set key outside right
set ylabel 'ns, logarithmic'
set multiplot layout {n},1
'''


def is_there():
    return shutil.which('gnuplot') is not None


def gnuplot(folder, script):
    subprocess.run(['gnuplot'], cwd=folder, input=script, text=True, check=True)


def label(measurement):
    settings = measurement.param.replace('capacity=', '')
    return ' '.join(filter(None, [measurement.workload, settings]))


def write_bars(folder, name, table, names):
    """The data of a picture of bars: a line per measurement, a column per program."""
    with open(folder / f'{name}.dat', 'w') as file:
        print('# measurement', *names, file=file)
        for line in table:
            values = [f'{cell.median:.2f}' if isinstance(cell, report.Summary) else '?'
                      for cell in (line.cells[name] for name in names)]
            print(f'"{label(line.measurement)}"', *values, file=file)


def bars(folder, table, names, kind='table', title='Nanoseconds an operation', on='thread'):
    """A picture for each number of threads: the names of the files."""
    table = [line for line in table if line.figure == 'ns_per_op']
    for threads in sorted({line.measurement.threads for line in table}):
        some = [line for line in table if line.measurement.threads == threads]
        name = f'{kind}-{threads}'
        shown = [peer for peer in names
                 if any(isinstance(line.cells[peer], report.Summary) for line in some)]
        write_bars(folder, name, some, shown)
        plots = [f"'{name}.dat' using {i + 2}:xtic(1) title '{peer}' "
                 f"linecolor rgb '{COLOURS.get(peer, '#000000')}'"
                 for i, peer in enumerate(shown)]
        gnuplot(folder, BARS.format(
            name=name, width=300 + 75 * len(some), last=len(some) - 0.4, plots=', \\\n'.join(plots),
            title=f'{title}, {threads} {on}{"s" if threads > 1 else ""}'))
        yield f'{name}.svg'


def write_line(folder, name, points):
    with open(folder / f'{name}.dat', 'w') as file:
        for value, summary in points:
            print(value, summary.median, file=file)


def panel(folder, growth, curves):
    """The part of the picture for one thing that grows: a colour for each workload, ours solid."""
    colours = {}
    plots = []
    for i, ((peer, what), points) in enumerate(curves.items()):
        name = f'growth-{growth.name}-{i}'
        write_line(folder, name, points)
        colour = colours.setdefault(what, len(colours) + 1)
        dashes = 1 if peer == matrix.OURS else 2
        plots.append(f"'{name}.dat' with linespoints title '{peer} {what}' "
                     f'linetype {colour} dashtype {dashes} linewidth 1.5 pointtype 7 pointsize 0.4')
    tics = ', '.join(map(str, growth.values))
    edges = f'{growth.values[0] * 0.9}:{growth.values[-1] * 1.1}'
    return '\n'.join([f"set xlabel '{growth.axis}'", f'set xtics ({tics})',
                      f'set xrange [{edges}]', 'plot ' + ', \\\n'.join(plots)]) + '\n'


def growths(folder, panels):
    """One picture of all that grows. Panels: pairs of a growth and its curves."""
    panels = [(growth, curves) for growth, curves in panels if curves and growth.name != 'idle']
    script = LINES_HEAD.format(name='growth', n=len(panels), height=340 * len(panels))
    script += ''.join(panel(folder, growth, curves) for growth, curves in panels)
    gnuplot(folder, script + 'unset multiplot\n')
    return 'growth.svg'
