#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wordcount on much real text: is it right, how fast, with how much memory, beside others?

    check-big.py [--megabytes N] [--rounds N] [--folder DIRECTORY] WORDCOUNT [PTHREADS]

Makes N megabytes (default: 250) of text from what is documentation on this machine, a large file
and small ones, below DIRECTORY. Then, N times (default: 5), counts its words by the pipeline of
coreutils that defines the result, by WORDCOUNT, and by the same without actors (wordcount-pthreads
of the build), on 1 and 2 threads each, in turn: a round is a run of each, and who comes first
changes from one to the next. Prints medians of time and of peak memory; of the pipeline, that of
the largest of its processes, which keeps what does not fit there in temporary files. Exits with 1
if a result differs.
"""

import argparse
import itertools
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import corpus

ROOTS = '/usr/share/doc', '/usr/share/common-licenses', '/usr/share/perl'
ALL = 1000000000  # for --top: more than there are

# Run a command in a small process, so that its peak memory is its own and not that of this one.
MEASURE = '''
import os, sys, time
begin = time.monotonic()
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
print(time.monotonic() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, file=sys.stderr)
sys.exit(os.waitstatus_to_exitcode(status))
'''


def write_files(folder, n_bytes):
    """Half of the bytes in one file, the rest in files of very different sizes."""
    texts = corpus.vary(list(corpus.real_texts(*ROOTS)), n_bytes)
    sizes = itertools.chain([n_bytes // 2], itertools.cycle([n_bytes // 10, n_bytes // 100, 1]))
    paths = []
    text = next(texts, None)
    while text:
        path = folder / str(len(paths))
        size = next(sizes)
        with open(path, 'wb') as file:
            while text and file.tell() < size:
                file.write(text)
                text = next(texts, None)
        paths.append(path)
    return paths


class Contestant:
    """A command whose output is known, and the figures of its runs."""

    def __init__(self, name, command, expected):
        self.name = name
        self.command = command
        self.expected = expected
        self.figures = []
        self.right = True

    def run(self):
        done = subprocess.run([sys.executable, '-c', MEASURE, *map(str, self.command)],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
        self.right &= done.stdout == self.expected
        self.figures.append(tuple(map(float, done.stderr.split())))

    def line(self):
        seconds, busy, kilobytes = zip(*self.figures)
        return (f'{self.name:30} {statistics.median(seconds):8.2f} s '
                f'({min(seconds):.2f} to {max(seconds):.2f}), '
                f'{statistics.median(busy):.2f} s of processor, '
                f'{statistics.median(kilobytes) / 1e3:.0f} MB{"" if self.right else "  WRONG"}')


def line_up(programs, paths):
    """Everybody who takes part, and what is in the files."""
    pipeline = ['/bin/sh', '-c', corpus.PIPELINE, 'sh', *paths]
    out = subprocess.run(pipeline, stdout=subprocess.PIPE, check=True).stdout
    counts = corpus.parse(out)
    contestants = [Contestant('coreutils', pipeline, out)]
    for program in programs:
        for threads in 1, 2:
            for top in 20, ALL:
                contestants.append(Contestant(
                    f'{program.name}, {threads} thread{"s"[:threads - 1]}'
                    f'{", all words" if top == ALL else ""}',
                    [program, f'--threads={threads}', f'--top={top}', *paths],
                    corpus.lines(counts, top)))
    return contestants, counts


def check(programs, folder, n_bytes, n_rounds):
    """Compare and report: whether all results are right."""
    paths = write_files(folder, n_bytes)
    contestants, counts = line_up(programs, paths)
    print(f'{sum(path.stat().st_size for path in paths) / 1e6:.0f} MB in {len(paths)} files, '
          f'the largest {max(path.stat().st_size for path in paths) / 1e6:.0f} MB; '
          f'{sum(counts.values())} words, {len(counts)} different ones; '
          f'{platform.machine()}, {len(os.sched_getaffinity(0))} processors; '
          f'{n_rounds} rounds', flush=True)
    for i in range(n_rounds):
        first = i % len(contestants)
        for contestant in contestants[first:] + contestants[:first]:
            contestant.run()
    for contestant in contestants:
        print(contestant.line())
    return all(contestant.right for contestant in contestants)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--megabytes', type=int, default=250)
    parser.add_argument('--rounds', type=int, default=5)
    parser.add_argument('--folder')
    parser.add_argument('programs', nargs='+', metavar='PROGRAM',
                        type=lambda name: pathlib.Path(name).absolute())
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        right = check(options.programs, pathlib.Path(folder), options.megabytes * 1000000,
                      options.rounds)
    return 0 if right else 1


if __name__ == '__main__':
    sys.exit(main())
