#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run a program: it has to end well, say nothing on stderr, and print what is expected.

usage: run-example.py EXPECTED PROGRAM [ARGUMENT...]
"""

import difflib
import pathlib
import subprocess
import sys


def main(expected_file, *command):
    expected = pathlib.Path(expected_file).read_text(encoding="utf-8")
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    sys.stderr.write(done.stderr)
    sys.stdout.writelines(
        difflib.unified_diff(
            expected.splitlines(keepends=True),
            done.stdout.splitlines(keepends=True),
            "expected",
            "printed",
        )
    )
    print(f"exit status: {done.returncode}")
    return done.returncode == 0 and not done.stderr and done.stdout == expected


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
