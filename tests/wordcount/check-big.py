#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wordcount on much real text: is it right, how fast, with how much memory?

    check-big.py [--megabytes N] [--folder DIRECTORY] WORDCOUNT

Makes N megabytes (default: 250) of text from what is documentation on this machine, a large file
and small ones; counts its words by the pipeline of coreutils that defines the result, and by
WORDCOUNT on 1 and 2 threads; prints time and peak memory of each. Exits with 1 if a result differs.
"""

import argparse
import itertools
import pathlib
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import corpus

ROOTS = '/usr/share/doc', '/usr/share/common-licenses', '/usr/share/perl'

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


def measure(*command):
    """Run a command: its output, and its figures as text."""
    done = subprocess.run([sys.executable, '-c', MEASURE, *map(str, command)],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    seconds, busy, kilobytes = map(float, done.stderr.split())
    return done.stdout, f'{seconds:7.2f} s, {busy:.2f} s of processor, {kilobytes / 1e3:.0f} MB'


def check(wordcount, folder, n_bytes):
    """Compare and report: whether all results are right."""
    paths = write_files(folder, n_bytes)
    print(f'{sum(path.stat().st_size for path in paths) / 1e6:.0f} MB in {len(paths)} files, '
          f'the largest {max(path.stat().st_size for path in paths) / 1e6:.0f} MB')
    begin = time.monotonic()
    counts = corpus.count_by_coreutils(paths)
    print(f'coreutils:            {time.monotonic() - begin:7.2f} s')
    print(f'{sum(counts.values())} words, {len(counts)} different ones')
    right = True
    for threads in 1, 2:
        for top in None, 1000000000:
            options = [f'--threads={threads}', *([] if top is None else [f'--top={top}'])]
            out, figures = measure(wordcount, *options, *paths)
            same = out == corpus.lines(counts, top or 20)
            right &= same
            what = f'{threads} thread{"s"[:threads - 1]}, {"all words" if top else "top 20"}:'
            print(f'{what:21} {figures}{"" if same else "  WRONG"}')
    return right


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument('--megabytes', type=int, default=250)
    parser.add_argument('--folder')
    parser.add_argument('wordcount')
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        right = check(options.wordcount, pathlib.Path(folder), options.megabytes * 1000000)
    return 0 if right else 1


if __name__ == '__main__':
    sys.exit(main())
