#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Programs that must not compile, with a message that a human can act on.

    compile-fail.py KIND 'COMPILER ...' FLAG...

KIND is gcc, clang, g++ or clang++; the first COMPILER that is installed is taken. Each .c file
beside this script is compiled twice, without any warning flag: with -DFIXED it must compile, and
without a warning at that, so that the other time it can only fail for the one defect that FIXED
leaves out. The comments below its licence line say what the errors must be, and whether to compile
it several times:

    // expect: text                  in the first error, or in the notes that belong to it
    // expect gcc, g++: text         of these compilers only; c and c++ stand for both of theirs
    // vary NAME: value value ...    once with each -DNAME=value; {NAME} in a text is the value;
                                     a second such line has more values

A program that expects nothing of a compiler is not compiled with it.
"""

import itertools
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / 'headers'))
import compilers

GROUPS = {'': list(compilers.STANDARDS), 'c': ['gcc', 'clang'], 'c++': ['g++', 'clang++']}
STRICT = ['-Wall', '-Wextra', '-Wpedantic', '-Werror']
DIRECTIVE = re.compile(r'// (expect|vary) ?(.*?): (.*)')


class Case:
    """One program, with one choice of what it varies, and what is expected of it."""

    def __init__(self, path, choice, expected):
        self.path = path
        self.defines = [f'-D{name}={value}' for name, value in choice.items()]
        self.expected = [text.format(**choice) for text in expected]
        self.name = ' '.join([path.stem] + list(choice.values()))


def cases_of(path, kind):
    """The cases of one file for one kind of compiler."""
    comments = itertools.takewhile(lambda line: line.startswith('//'),
                                   path.read_text().splitlines()[1:])
    directives = [DIRECTIVE.fullmatch(line) for line in comments]
    if not directives or not all(directives):
        sys.exit(f'{path}: needs "// expect: text" or "// vary NAME: values" from the second line')
    varied, expected = {}, []
    for what, names, text in (match.groups() for match in directives):
        if what == 'vary':
            varied.setdefault(names, []).extend(text.split())
        elif any(kind in GROUPS.get(name, [name]) for name in names.split(', ')):
            expected.append(text)
    if not expected:
        return []
    return [Case(path, dict(zip(varied, values)), expected)
            for values in itertools.product(*varied.values())]


def first_error(lines):
    """What the compiler itself says, not quotes, from the first error to the next."""
    said = [line for line in lines if re.search('(error|note): ', line)]
    errors = [number for number, line in enumerate(said) if 'error: ' in line] + [len(said)] * 2
    return said[errors[0]:errors[1]]


def check(command, case):
    """What is wrong with a case; an empty text when nothing is."""
    program = case.defines + [case.path.name]
    fixed = compilers.run(command + STRICT + ['-DFIXED'] + program, HERE)
    if fixed.returncode != 0:
        return 'does not compile with -DFIXED:\n' + fixed.stdout
    broken = compilers.run(command + program, HERE)
    if broken.returncode == 0:
        return 'compiles\n' + broken.stdout
    first = first_error(broken.stdout.splitlines())
    for text in case.expected:
        if not any(text in line for line in first):
            return f'the first error does not say "{text}":\n' + broken.stdout
    if f'{case.path.name}:' not in broken.stdout:
        return 'the errors do not say where in the program:\n' + broken.stdout
    return ''


def main():
    """Run as a test."""
    kind, names, *flags = sys.argv[1:]
    command = [compilers.choose(kind, names), '-fsyntax-only', '-x', compilers.language(kind),
               '-std=' + compilers.STANDARDS[kind][0]] + flags
    cases = [case for path in sorted(HERE.glob('*.c')) for case in cases_of(path, kind)]
    compilers.report(cases, lambda case: check(command, case))


main()
