#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The examples of PROTOCOL.md are what the library writes and reads.

    protocol-test.py WIRE-TOOL PROTOCOL.md
"""

import pathlib
import re
import sys

sys.dont_write_bytecode = True
import wire_tool

# As many as there are at least of each kind, so that none is overlooked.
KINDS = {'frames': 5, 'ids': 3, 'errors': 4, 'written': 28, 'read': 22}


def blocks(text):
    """Kind and lines of each block; a line that begins with blanks goes on from the one before."""
    for kind, block in re.findall(r'^```(\w+)\n(.*?)^```$', text, re.M | re.S):
        yield kind, re.sub(r'\n\s+', ' ', block).splitlines()


def example_of(kind, line):
    """What to ask about one line, and the answer that is right."""
    if kind == 'frames':
        frame, service, call, *parts = line.split()
        return 'frame ' + ''.join(parts), (True, f'{frame} {service} {call} {"".join(parts[3:])}')
    if kind == 'ids':
        namespace, name, number = line.split()
        return f'id {namespace} {name}', (True, number)
    if kind == 'errors':
        payload, words = line.split(maxsplit=1)
        return f'error {payload}', (True, words)
    name, payload, words = re.fullmatch(r'(\w+(?: \w+)*?) +([0-9a-f]{2,}) +(.*)', line).groups()
    question = f'value {name.replace(" ", "_")} {payload}'
    if words.startswith('refused: '):
        return question, (False, words[len('refused: '):])
    return question, (True, f'{payload if kind == "written" else "…"} {words}')


def wrong(kind, right, answer):
    """What is wrong with an answer; '' for nothing."""
    if kind == 'read' and answer[0]:
        answer = True, '… ' + answer[1].split(maxsplit=1)[1]
    return '' if answer == right else f'says {right}\nis   {answer}'


def main():
    """Run as a test."""
    tool, page = sys.argv[1:]
    examples = [(kind, line) + example_of(kind, line)
                for kind, lines in blocks(pathlib.Path(page).read_text(encoding='utf-8'))
                for line in lines]
    answers = wire_tool.ask(tool, [question for _, _, question, _ in examples])
    results = [(line, wrong(kind, right, answer))
               for (kind, line, _, right), answer in zip(examples, answers)]
    for kind, least in KINDS.items():
        n = sum(example[0] == kind for example in examples)
        results.append((f'examples of {kind}', '' if n >= least else f'only {n}'))
    wire_tool.report('protocol', results)


main()
