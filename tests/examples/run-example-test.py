#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run-example.py accepts a program that prints what is expected, and nothing else."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

RUN = pathlib.Path(__file__).with_name("run-example.py")


class RunExample(unittest.TestCase):
    def accepts(self, code, expected="1\n2\n"):
        """Whether a program, given as Python, is accepted."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "expected.txt")
            file.write_text(expected, encoding="utf-8")
            command = [sys.executable, RUN, file, sys.executable, "-c", code]
            return subprocess.run(command, capture_output=True).returncode == 0

    def test_expected(self):
        self.assertTrue(self.accepts("print('1\\n2')"))

    def test_other_output(self):
        self.assertFalse(self.accepts("print('1\\n3')"))

    def test_more_output(self):
        self.assertFalse(self.accepts("print('1\\n2\\n3')"))

    def test_no_output(self):
        self.assertFalse(self.accepts("pass"))

    def test_exit_status(self):
        self.assertFalse(self.accepts("print('1\\n2'); raise SystemExit(1)"))

    def test_signal(self):
        self.assertFalse(self.accepts("import os; print('1\\n2', flush=True); os.abort()"))

    def test_complaint(self):
        self.assertFalse(self.accepts("import sys; print('1\\n2'); print('x', file=sys.stderr)"))


if __name__ == "__main__":
    unittest.main()
