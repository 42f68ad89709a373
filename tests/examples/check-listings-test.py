#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-listings.py accepts what it should, and finds each thing that it exists to find."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

CHECK = pathlib.Path(__file__).with_name("check-listings.py")
SOURCE = "int one;\n\nint two;\n\tint three;\n"


class CheckListings(unittest.TestCase):
    def check(self, document, *arguments):
        """Run the check over a document beside a.c, which holds SOURCE."""
        with tempfile.TemporaryDirectory() as folder:
            readme = pathlib.Path(folder, "README.md")
            readme.write_text(document, encoding="utf-8")
            pathlib.Path(folder, "a.c").write_text(SOURCE, encoding="utf-8")
            done = subprocess.run(
                [sys.executable, CHECK, readme, *arguments], capture_output=True, text=True
            )
        return done.returncode, done.stderr.replace(str(readme), "README.md"), done.stdout

    def assert_wrong(self, document, message, *arguments):
        status, errors, _ = self.check(document, *arguments)
        self.assertEqual((status, errors), (1, f"README.md:{message}\n"))

    def test_passages_are_accepted(self):
        document = "# x\n```c a.c\nint one;\n```\n\n```c a.c\n\nint two;\n\tint three;\n```\n"
        self.assertEqual(self.check(document), (0, "", "README.md: 2 listings\n"))

    def test_other_languages_need_no_file(self):
        self.assertEqual(self.check("```sh\nmake\n```\n```\nx\n```\n"), (0, "", "README.md: 0 listings\n"))

    def test_drift(self):
        self.assert_wrong("text\n```c a.c\nint four;\n```\n", "2: not a passage of a.c")

    def test_skipped_line(self):
        self.assert_wrong("```c a.c\nint one;\nint two;\n```\n", "1: not a passage of a.c")

    def test_indentation(self):
        self.assert_wrong("```c a.c\nint three;\n```\n", "1: not a passage of a.c")

    def test_part_of_a_line(self):
        self.assert_wrong("```c a.c\nint\n```\n", "1: not a passage of a.c")

    def test_output(self):
        self.assert_wrong("```text a.c\n1\n```\n", "1: not a passage of a.c")

    def test_unmarked(self):
        self.assert_wrong("```c\nint one;\n```\n", "1: a listing in C names no file")

    def test_empty(self):
        self.assert_wrong("```c a.c\n```\n", "1: empty listing of a.c")

    def test_no_such_file(self):
        self.assert_wrong("```c b.c\nint one;\n```\n", "1: b.c does not exist")

    def test_dead_link(self):
        self.assert_wrong("see [it](b.c) and [this](a.c)\n", "1: b.c does not exist")

    def test_links_elsewhere_are_left_alone(self):
        document = "[a](https://example.org/x#y) [c](a.c#L3)\n"
        self.assertEqual(self.check(document)[0], 0)

    def test_sections(self):
        document = "[b](#a-section-or-so) [c](README.md#2-that)\n## A section, or so\n## 2. That\n"
        self.assertEqual(self.check(document + "[d](#2-that)\n")[0], 0)

    def test_dead_section(self):
        self.assert_wrong("[b](#below)\n", "1: #below does not exist")

    def test_dead_section_elsewhere(self):
        self.assert_wrong("[b](README.md#below)\n", "1: README.md#below does not exist")

    def test_a_heading_in_a_block_is_none(self):
        self.assert_wrong("[b](#x)\n```sh\n# x\n```\n", "1: #x does not exist")

    def test_forgotten_section(self):
        self.assert_wrong("text\n## 2. That\n", "2: no link to #2-that")

    def test_forgotten_program(self):
        self.assert_wrong("no link\n", "1: no link to a.c", "--program", "a.c")

    def test_linked_program(self):
        self.assertEqual(self.check("[a](a.c)\n", "--program", "a.c")[0], 0)


if __name__ == "__main__":
    unittest.main()
