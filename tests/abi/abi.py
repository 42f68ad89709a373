#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The binary contract of the interface: all its types and constants against a frozen copy.

    abi.py KIND 'COMPILER ...' INCLUDE_DIRECTORY      compare
    abi.py update 'COMPILER ...' INCLUDE_DIRECTORY    write the frozen copy anew

KIND is gcc, clang, g++ or clang++; the first COMPILER that is installed is taken. Structs, unions,
enums, types of callbacks and constants are found in the headers, with what the macros of the typed
layer declare, so that a new one fails the test until it is in the frozen copy. Of each member the
frozen copy has the offset, the size and the declaration: another signature of an operation breaks
as much as another place.

Programs and libraries that were compiled against different versions of the interface meet at run
time. So a change of what is frozen is one of these, and nothing else:

- a type, a constant or a value of an enum that is new;
- a member that is new at the end of a struct that begins with its size, and that nobody reads
  without a look at that size;
- before version 1.0: anything, with a line in the changelog.

If yours is one of them, run this script with "update", and commit what it wrote with the change.
"""

import difflib
import pathlib
import re
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(HERE.parent / 'headers'))
import compilers

FROZEN = HERE / 'x86-64.txt'
FROZEN_HEAD = '''# The binary contract on x86-64 with 64-bit pointers. When it may change, and when not, is said in
# abi.py, which has written this: abi.py update gcc ../../actor-iface/include

'''
ON_PLATFORM = '#if !defined(__x86_64__) || !defined(__LP64__)\n#error another platform\n#endif\n'

# What the headers declare, and a sample of everything that the typed layer declares for its users.
SAMPLE = '''#include <actor-iface/actor-iface.h>
#include <stdio.h>
ACTOR_MESSAGE(sample_message, int);
ACTOR_SIGNAL(sample_signal);
#define SAMPLE_MESSAGES(CALL, SEND, X) CALL(X, sample_message) SEND(X, sample_signal)
ACTOR_RECIPIENT(sample_set, SAMPLE_MESSAGES);
ACTOR_DECLARE(sample_actor, SAMPLE_MESSAGES);
'''

# Structs of which no object ever exists: compilers look at them, programs do not.
ONLY_FOR_SIZEOF = re.compile('messages_handled_by_|.*_(is_a_signal|has_an_answer|untyped_pointer)$')


class Definition:
    """A type or a constant, as what prints its part of the contract."""

    def __init__(self, name, prints):
        self.name = name
        self.prints = prints


def spaced(text):
    """Any white space as one space."""
    return ' '.join(text.split())


def member_name(declaration):
    """The name that a member's declaration declares; (*name)(...), name[48] or name."""
    match = (re.search(r'\(\*(\w+)\)\(', declaration) or
             re.fullmatch(r'.*?\b(\w+)(\[.*\])?', declaration))
    return match[1]


def definition_of_type(kind, name, body):
    """A struct, union or enum."""
    tag = f'{kind} {name}'
    if '{' in body:
        sys.exit(f'{tag}: give what is inside it a name of its own')
    if kind == 'enum':
        names = [spaced(value.split('=')[0]) for value in body.split(',') if value.strip()]
        return Definition(tag, f'puts("{tag}");\n' + ''.join(
            f'printf("\\t%d %s\\n", (int){value}, "{value}");\n' for value in names))
    prints = f'printf("%s: size %zu, align %zu\\n", "{tag}", sizeof({tag}), ALIGNOF({tag}));\n'
    for declaration in map(spaced, body.split(';')[:-1]):
        name = member_name(declaration)
        prints += (f'printf("\\t%zu %zu %s\\n", offsetof({tag}, {name}), '
                   f'sizeof((({tag} *)0)->{name}), "{declaration}");\n')
    return Definition(tag, prints)


def ours(preprocessed, directory):
    """What of a preprocessed text comes from the interface or from the sample, without markers."""
    text, is_ours = '', False
    for line in preprocessed.splitlines():
        marker = re.match(r'# \d+ "(.*?)"', line)
        if marker:
            is_ours = marker[1] == '<stdin>' or marker[1].startswith(directory)
        elif is_ours and not line.startswith('#'):
            text += line + '\n'
    return text.replace('_Bool', 'bool')


def definitions(compiler, directory):
    """Everything that belongs to the contract, in the order of its names."""
    command = [compiler, f'-I{directory}', '-E', '-x', 'c', '-']
    text = ours(compilers.run(command, text=SAMPLE).stdout, directory)
    found = [definition_of_type(*match.groups())
             for match in re.finditer(r'\b(struct|union|enum)\s+(\w+)\s*\{(.*?)\}', text, re.S)
             if not ONLY_FOR_SIZEOF.match(match[2])]
    for match in re.finditer(r'\btypedef\s+([^;]*\b(\w+_fn)\b[^;]*);', text):
        found.append(Definition(match[2], f'puts("typedef {spaced(match[1])}");\n'))
    dump = compilers.run(command[:-1] + ['-dM', '-'], text=SAMPLE).stdout
    for name in re.findall(r'^#define (ACTOR_(?!_)\w+) \w+$', dump, re.M):
        found.append(Definition(name, f'printf("%s: %lld\\n", "{name}", (long long){name});\n'))
    return sorted(found, key=lambda definition: definition.name)


def contract(kind, compiler, directory):
    """The contract as this compiler sees it, as a text of one paragraph per definition."""
    program = SAMPLE + '\n#ifdef __cplusplus\n#define ALIGNOF alignof\n#else\n'
    program += '#define ALIGNOF _Alignof\n#endif\nint main(void)\n{\n'
    for definition in definitions(compiler, directory):
        program += definition.prints + 'puts("");\n'
    program += 'return 0;\n}\n'
    with tempfile.TemporaryDirectory() as scratch:
        executable = pathlib.Path(scratch) / 'contract'
        tried = compilers.run([compiler, f'-I{directory}', '-x', compilers.language(kind),
                               '-std=' + compilers.STANDARDS[kind][-1], '-o', str(executable), '-'],
                              text=program)
        if tried.returncode != 0:
            sys.exit('cannot compile what prints the contract:\n' + tried.stdout)
        return compilers.run([str(executable)]).stdout


def paragraphs(text):
    """The definitions of a contract, by name."""
    by_name = {}
    for paragraph in text.strip().split('\n\n'):
        if not paragraph.startswith('#'):
            by_name[paragraph.splitlines()[0].split(':')[0]] = paragraph
    return by_name


class Comparison:
    """One definition, frozen and now; '' when it does not exist."""

    def __init__(self, name, frozen, now):
        self.name = name
        self.frozen = frozen
        self.now = now

    def check(self):
        """How they differ, or what rule is broken; '' when nothing is wrong."""
        if self.name.endswith('_ops') and self.now.splitlines()[1:2] != ['\t0 8 size_t size']:
            return 'a table of operations must begin with its size\n' + self.now
        if self.frozen == self.now:
            return ''
        return '\n'.join(list(difflib.unified_diff(
            self.frozen.splitlines(), self.now.splitlines(), 'frozen', 'now', lineterm='')) +
                         ['was that meant? ' + FROZEN.name + ' and ' + pathlib.Path(__file__).name +
                          ' say how to change it'])


def main():
    """Run as a test, or as the tool that updates what the test compares with."""
    kind, names, directory = sys.argv[1:]
    if kind == 'update':
        text = contract('gcc', compilers.choose('gcc', names), directory)
        FROZEN.write_text(FROZEN_HEAD + text.strip() + '\n')
        return
    compiler = compilers.choose(kind, names)
    if compilers.run([compiler, '-fsyntax-only', '-x', 'c', '-'], text=ON_PLATFORM).returncode != 0:
        print('1..0 # SKIP the frozen copy is of x86-64 with 64-bit pointers')
        return
    frozen = paragraphs(FROZEN.read_text())
    now = paragraphs(contract(kind, compiler, directory))
    compilers.report([Comparison(name, frozen.get(name, ''), now.get(name, ''))
                      for name in sorted(set(frozen) | set(now))], Comparison.check)


main()
