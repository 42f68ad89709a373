#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check that the tests that a document names are there.

    named-tests.py DOCUMENT SOURCE...

A name is what stands between backquotes and consists of lower case letters and underscores; a test
is a function that is named in a list of tests: TEST(name), LOCAL_TEST(name), POOL_TESTS(name, ...,
ON(threads, name); in Python, test_name. Or it is what stands in quotation marks and begins with a word and a colon; then
the test is one of the contract, by that name.
"""

import pathlib
import re
import sys


def main():
    document, *sources = map(pathlib.Path, sys.argv[1:])
    text = ' '.join(document.read_text().split())
    named = set(re.findall(r'`([a-z]+(?:_[a-z]+)+)`', text))
    named.update(re.findall(r'"([a-z-]+: [^"]+)"', text))
    there = set()
    for source in sources:
        there.update(re.findall(r'\bT?[A-Z_]*TESTS?\((\w+)', source.read_text()))
        there.update(re.findall(r'\bcmocka_unit_test\((\w+)', source.read_text()))
        there.update(re.findall(r'\bON\(\w+, (\w+)\)', source.read_text()))
        there.update(re.findall(r', (\w+), open_\w+,', source.read_text()))
        there.update(re.findall(r'\bdef (test_\w+)\(', source.read_text()))
        there.update(re.findall(r'{ "([a-z-]+: [^"]+)"', source.read_text()))
    missing = sorted(named - there)
    for name in missing:
        print(f'{document}: there is no test {name}')
    if not named:
        print(f'{document}: names no tests')
    return 1 if missing or not named else 0


if __name__ == '__main__':
    sys.exit(main())
