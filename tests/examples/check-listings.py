#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check that the listings of documents are passages of the files they were taken from.

A fenced block whose info string names a file after the language, as in

    ```c guide/hello.c

has to be, line for line, a passage of that file, which is looked up beside the document. A block
of C that names no file is an error, as nobody would compile it; so is a link to a file or a section
that does not exist, a section with a number to which nothing links, as no table of contents does,
and a program (--program NAME) that the document does not link to.
"""

import argparse
import pathlib
import re
import sys

LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(#[^)\s]*)?[^)]*\)")


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
    """The file, "" for the document itself, and the section, or "", of each link to the project."""
    for number, line in prose:
        for target, section in LINK.findall(line):
            if "://" not in target:
                yield number, target, section


def sections(prose):
    """What a link to each heading is, as GitHub makes it, with the number of its line."""
    for number, line in prose:
        if line.startswith("#"):
            words = re.sub(r"[^\w\- ]", "", line.lstrip("#").strip().lower())
            yield "#" + words.replace(" ", "-"), number


def check_link(document, target, section):
    """What is wrong with a link, or None."""
    file = document.parent / target if target else document
    if not file.exists():
        return f"{target} does not exist"
    if section and file.suffix == ".md":
        prose = parse(file.read_text(encoding="utf-8"))[1]
        if section not in dict(sections(prose)):
            return f"{target}{section} does not exist"
    return None


def check(document, programs):
    """All that is wrong with a document, as (line, text)."""
    blocks, prose = parse(document.read_text(encoding="utf-8"))
    wrong = [(b.number, check_block(b, document.parent)) for b in blocks]
    targets = list(links(prose))
    wrong += [(number, check_link(document, *target)) for number, *target in targets]
    wrong = [(number, text) for number, text in wrong if text]
    linked = {target or section for _, target, section in targets}
    wrong += [(1, f"no link to {program}") for program in programs if program not in linked]
    wrong += [
        (number, f"no link to {section}")
        for section, number in sections(prose)
        if section[1].isdigit() and section not in linked
    ]
    return sorted(wrong), len([b for b in blocks if b.file])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("documents", type=pathlib.Path, nargs="+")
    parser.add_argument("--program", action="append", default=[], help="has to be linked to")
    arguments = parser.parse_args()
    status = 0
    for document in arguments.documents:
        wrong, n_listings = check(document, arguments.program)
        for number, text in wrong:
            print(f"{document}:{number}: {text}", file=sys.stderr)
            status = 1
        print(f"{document.name}: {n_listings} listings")
    return status


if __name__ == "__main__":
    sys.exit(main())
