#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Count the words of some files with actors that fail and without: the numbers have to be equal.

    supervised-test.py SUPERVISED WORDCOUNT FILE...
"""

import subprocess
import sys


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def counted(program, files, *options):
    """What was counted, and how many failures there were."""
    *lines, last = output(program, *options, *files).splitlines()
    n_failures, word = last.split()
    assert word == 'failures', last
    return lines, int(n_failures)


def main(supervised, wordcount, *files):
    expected, n_failures = counted(supervised, files)
    assert n_failures == 0, n_failures
    assert len(expected) == 6, expected
    top = [line.split() for line in output(wordcount, '--top', '5', *files).splitlines()][-5:]
    assert [line.split() for line in expected[:5]] == top, (expected, top)
    for n in 2, 3, 5:
        lines, n_failures = counted(supervised, files, '--fail-at', str(n))
        assert lines == expected, (n, lines, expected)
        assert n_failures > 0, n
        print(f'equal with {n_failures} failures')


if __name__ == '__main__':
    main(*sys.argv[1:])
