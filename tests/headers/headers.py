#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Public headers: each alone, none of them defining anything, and every macro expanded.

    headers.py KIND 'COMPILER ...' INCLUDE_DIRECTORY...

KIND is gcc, clang, g++ or clang++; the first COMPILER that is installed is taken. Each directory
holds the headers of one library, in a folder of its name, with one of that name that includes all
the others. They are found, not listed, so that a new header is tested from its first day.
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
import compilers

HERE = pathlib.Path(__file__).resolve().parent

PEDANTIC = ['-Wall', '-Wextra', '-Wpedantic', '-pedantic-errors', '-Werror']
STRICT = PEDANTIC + [
    '-Wcast-align', '-Wcast-qual', '-Wconversion', '-Wformat=2', '-Wmissing-declarations',
    '-Wpointer-arith', '-Wredundant-decls', '-Wsign-conversion', '-Wswitch-enum', '-Wundef',
    '-Wvla',
]
# In C alone: g++ takes a function with the name of a struct for one that hides a constructor.
STRICT_C = STRICT + ['-Wmissing-prototypes', '-Wshadow', '-Wstrict-prototypes']

# What the interface may include of the system: the parts of ISO C that need no operating system.
FREE_OF_SYSTEM = {'stdarg.h', 'stdbool.h', 'stddef.h', 'stdint.h', 'stdio.h', 'string.h'}


class Case:
    """One thing to check: a name, and a function that returns what is wrong, '' for nothing."""

    def __init__(self, name, check):
        self.name = name
        self.check = check


class Compiler:
    """A compiler with the include directories of all libraries."""

    def __init__(self, kind, path, directories):
        self.kind = kind
        self.command = [path] + [f'-I{directory}' for directory in directories]
        self.strict = STRICT_C if compilers.language(kind) == 'c' else STRICT

    def run(self, flags, text):
        """Compile a text."""
        return compilers.run(self.command + flags + ['-x', compilers.language(self.kind), '-'],
                             text=text)

    def includes(self, header):
        """The headers that one includes, itself first, however indirectly."""
        paths = self.run(['-M'], f'#include <{header}>\n').stdout.replace('\\\n', ' ').split()
        return [path for path in paths if path.endswith('.h')]


def alone(compiler, standard, header):
    """A header needs no other before it, and may come twice."""
    text = f'#include <{header}>\n#include <{header}>\ntypedef int not_an_empty_file;\n'
    tried = compiler.run(['-fsyntax-only', f'-std={standard}'] + compiler.strict, text)
    return tried.stdout if tried.returncode != 0 else ''


def noticed(compiler, standard):
    """The check above can fail: a header that needs <stddef.h> does not pass."""
    tried = compiler.run(['-fsyntax-only', f'-std={standard}'] + compiler.strict,
                         'extern size_t needs_stddef;\n')
    return '' if tried.returncode != 0 else 'an undeclared type is not noticed'


def nothing_defined(compiler, header):
    """Who includes a header gets no object and no function that the linker would see."""
    text = f'#include <{header}>\nextern int defined;\nint defined = 1;\n'
    tried = compiler.run(['-S', '-O0', '-o', '-'], text)
    if tried.returncode != 0:
        return tried.stdout
    defined = re.findall(r'^([A-Za-z_][\w.$]*):', tried.stdout, re.M)
    return '' if defined == ['defined'] else f'defines {defined}'


def complete(compiler, directory, name, headers):
    """The header with the library's name includes all of them."""
    included = compiler.includes(f'{name}/{name}.h')
    missing = [header for header in headers if str(directory / header) not in included]
    return f'does not include {missing}' if missing else ''


def free_of_system(directory, header):
    """A header includes its own library and harmless parts of ISO C only."""
    included = re.findall(r'#\s*include\s*[<"](.*)[>"]', (directory / header).read_text())
    library = header.split('/')[0]
    foreign = [name for name in included
               if name not in FREE_OF_SYSTEM and name.split('/')[0] != library]
    return f'includes {foreign}' if foreign else ''


def expanded(compiler, standard, path):
    """A program that uses every macro compiles without a warning."""
    tried = compilers.run(compiler.command + PEDANTIC +
                          [f'-std={standard}', '-c', '-o', '/dev/null', str(path)])
    return tried.stdout if tried.returncode != 0 else ''


def macros_of(compiler, header):
    """The macros that are meant for users."""
    dump = compiler.run(['-dM', '-E'], f'#include <{header}>\n').stdout
    return set(re.findall(r'^#define (ACTOR_(?!_|IFACE_|REMOTE_)\w+)', dump, re.M))


def all_macros_used(compiler, header, others, paths):
    """That program does use every macro that a header has and others do not."""
    macros = macros_of(compiler, header).difference(*(macros_of(compiler, h) for h in others))
    used = set(re.findall(r'\w+', ' '.join(path.read_text() for path in paths)))
    unused = sorted(macros - used)
    return f'never uses {unused}' if unused or not macros else ''


def main():
    """Run as a test."""
    kind, names, *directories = sys.argv[1:]
    compiler = Compiler(kind, compilers.choose(kind, names), directories)
    cases = []
    for standard in compilers.STANDARDS[kind]:
        cases.append(Case(f'{standard} notices', lambda s=standard: noticed(compiler, s)))
    for directory in map(pathlib.Path, directories):
        headers = sorted(str(path.relative_to(directory)) for path in directory.glob('*/*.h'))
        for header in headers:
            for standard in compilers.STANDARDS[kind]:
                cases.append(Case(f'{standard} {header}',
                                  lambda s=standard, h=header: alone(compiler, s, h)))
            cases.append(Case(f'defines nothing: {header}',
                              lambda h=header: nothing_defined(compiler, h)))
            if header.startswith('actor-iface/'):
                cases.append(Case(f'free of the system: {header}',
                                  lambda d=directory, h=header: free_of_system(d, h)))
        for name in sorted({header.split('/')[0] for header in headers}):
            cases.append(Case(f'complete: {name}.h', lambda d=directory, n=name, h=headers:
                              complete(compiler, d, n, h)))
    suffix = {'c': '.c', 'c++': '.cpp'}[compilers.language(kind)]
    for program, shared, header, others in [
            (HERE / f'every-macro{suffix}', 'every-macro.h', 'actor-iface/actor-iface.h', []),
            (HERE / f'every-schema{suffix}', 'every-schema.h', 'actor-remote/schema.h',
             ['actor-iface/actor-iface.h', 'actor-impl/export.h']),
            (HERE / f'every-service{suffix}', 'every-service.h', 'actor-remote/services.h',
             ['actor-iface/actor-iface.h', 'actor-impl/export.h', 'actor-remote/schema.h'])]:
        for standard in compilers.STANDARDS[kind]:
            cases.append(Case(f'{standard} {program.name}', lambda s=standard, p=program:
                              expanded(compiler, s, p)))
        cases.append(Case(f'{program.name} uses every macro',
                          lambda h=header, o=others, p=[program, HERE / shared]:
                          all_macros_used(compiler, h, o, p)))
    compilers.report(cases, lambda case: case.check())


main()
