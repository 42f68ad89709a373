#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check that the listings of a document are passages of the files they were taken from.

A fenced block whose info string names a file after the language, as in

    ```c guide/hello.c

has to be, line for line, a passage of that file, which is looked up beside the document. A block
of C that names no file is an error, as nobody would compile it; so is a link to a file that does
not exist, and a program (--program NAME) that the document does not link to.
"""

import argparse
import pathlib
import re
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


class Block:
    """A fenced block: the line where it begins, its language, its file or None, its lines."""

    def __init__(self, number, info):
        words = info.split()
        self.number = number
        self.language = words[0] if words else ""
        self.file = words[1] if len(words) > 1 else None
        self.lines = []


def parse(text):
    """Split a document into its fenced blocks and the text around them."""
    blocks, prose, block = [], [], None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("```"):
            if block:
                block = None
            else:
                block = Block(number, line[3:])
                blocks.append(block)
        elif block:
            block.lines.append(line)
        else:
            prose.append((number, line))
    return blocks, prose


def is_passage(lines, of):
    return any(of[i : i + len(lines)] == lines for i in range(len(of) - len(lines) + 1))


def check_block(block, folder):
    """What is wrong with a block, or None."""
    if not block.file:
        return "a listing in C names no file" if block.language == "c" else None
    source = folder / block.file
    if not source.is_file():
        return f"{block.file} does not exist"
    if not block.lines:
        return f"empty listing of {block.file}"
    if not is_passage(block.lines, source.read_text(encoding="utf-8").splitlines()):
        return f"not a passage of {block.file}"
    return None


def links(prose):
    for number, line in prose:
        for target in LINK.findall(line):
            if "://" not in target:
                yield number, target


def check(document, programs):
    """All that is wrong with a document, as (line, text)."""
    blocks, prose = parse(document.read_text(encoding="utf-8"))
    wrong = [(b.number, check_block(b, document.parent)) for b in blocks]
    wrong = [(number, text) for number, text in wrong if text]
    targets = list(links(prose))
    wrong += [
        (number, f"{target} does not exist")
        for number, target in targets
        if not (document.parent / target).exists()
    ]
    linked = {target for _, target in targets}
    wrong += [(1, f"no link to {program}") for program in programs if program not in linked]
    return sorted(wrong), len([b for b in blocks if b.file])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("document", type=pathlib.Path)
    parser.add_argument("--program", action="append", default=[], help="has to be linked to")
    arguments = parser.parse_args()
    wrong, n_listings = check(arguments.document, arguments.program)
    for number, text in wrong:
        print(f"{arguments.document}:{number}: {text}", file=sys.stderr)
    print(f"{n_listings} listings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
