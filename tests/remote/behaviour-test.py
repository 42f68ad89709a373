#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check that the table of behaviours is whole.

    behaviour-test.py TABLE DIRECTORY

Each number has one row, in order. A row says why it does not apply, or names tests: `file: test` is
a test in the list of tests of DIRECTORY/file-test.c. That cites the number, alone or within a range
(W-05 to W-07): in or before the test, or, in a table, in or before no test at all. And no number is
cited that there is not.
"""

import pathlib
import re
import sys

LAST = {'W': 29, 'X': 22, 'P': 29, 'E': 29, 'BP': 18, 'PR': 5, 'TO': 8, 'SZ': 7, 'CC': 11, 'G': 7,
        'SM': 17, 'RA': 6, 'RM': 14, 'PS': 14, 'OR': 6, 'PC': 5}
EXPECTED = [f'{section}-{n:02}' for section, last in LAST.items() for n in range(1, last + 1)]

ROW = re.compile(r'^\| ([A-Z]+-\d\d) \| ([^|]+) \| ([^|]+) \|$', re.MULTILINE)
NAMED = re.compile(r'`([a-z0-9-]+): (\w+)`')
LISTED = re.compile(r'\b(?:[A-Z_]*TESTS?|cmocka_unit_test\w*|PEER_TEST_OVER)\((\w+)')
FUNCTION = re.compile(r'^static void (\w+)\(', re.MULTILINE)
CITED = re.compile(r'\b([A-Z]+)-(\d\d)\b(?: to \1-(\d\d)\b)?')


def cited_in(source):
    """The numbers of these sections that it cites."""
    text = re.sub(r'\s+(?:\* )?', ' ', source)
    return {f'{section}-{n:02}'
            for section, first, last in CITED.findall(text) if section in LAST
            for n in range(int(first), int(last or first) + 1)}


def numbers_of_tests(source):
    """Of each test in the list: the numbers that it cites."""
    listed = LISTED.findall(source)
    common, own = set(), {test: set() for test in listed}
    for piece in re.split(r'^};?$', source, flags=re.MULTILINE):
        tests = [test for test in FUNCTION.findall(piece) if test in own]
        for numbers in [own[test] for test in tests] or [common]:
            numbers |= cited_in(piece)
    return {test: numbers | common for test, numbers in own.items()}


def check_row(number, shown, tests):
    named = NAMED.findall(shown)
    if not named and not shown.startswith('does not apply: '):
        yield f'{number}: neither a test nor why there is none'
    for name in named:
        if name not in tests:
            yield f'{number}: there is no test {": ".join(name)}'
        elif number not in tests[name]:
            yield f'{number}: {": ".join(name)} does not cite it'


def check(table, sources):
    rows = ROW.findall(table)
    numbers = [number for number, _, _ in rows]
    for number in EXPECTED:
        if numbers.count(number) != 1:
            yield f'{number}: {numbers.count(number)} rows'
    if numbers != sorted(numbers, key=EXPECTED.index):
        yield 'the rows are not in order'
    tests = {(name, test): numbers for name, source in sources.items()
             for test, numbers in numbers_of_tests(source).items()}
    for number, _, shown in rows:
        yield from check_row(number, shown, tests)
    for name, source in sources.items():
        for number in sorted(cited_in(source) - set(EXPECTED)):
            yield f'{name}-test.c: there is no {number}'


def main():
    table, directory = map(pathlib.Path, sys.argv[1:])
    sources = {path.name.removesuffix('-test.c'): path.read_text()
               for path in directory.glob('*-test.c')}
    wrong = list(check(table.read_text(), sources))
    for line in wrong:
        print(f'{table.name}: {line}')
    return 1 if wrong else 0


if __name__ == '__main__':
    sys.exit(main())
