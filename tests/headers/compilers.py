# SPDX-License-Identifier: MIT
"""What the tests that run compilers have in common.

A compiler is of one KIND: gcc, clang, g++ or clang++. Of each, the first executable of a list of
names is taken; when none is installed the whole test is skipped and says so.
"""

import concurrent.futures
import os
import shutil
import subprocess
import sys

STANDARDS = {
    'gcc': ['c11', 'c17'],
    'clang': ['c11', 'c17'],
    'g++': ['c++17'],
    'clang++': ['c++17'],
}


def language(kind):
    """What -x wants to hear."""
    return 'c++' if kind.endswith('++') else 'c'


def choose(kind, names):
    """The first of the executables that is installed; or the end of the test."""
    compiler = next(filter(shutil.which, names.split()), None)
    if not compiler:
        print(f'1..0 # SKIP no {kind}: none of these is installed: {names}')
        sys.exit()
    return compiler


def run(command, directory=None, text=None):
    """The exit status and all that a command says, in English and without typographic quotes."""
    return subprocess.run(command, cwd=directory, input=text, env=dict(os.environ, LC_ALL='C'),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)


def report(cases, check):
    """Print, in the format TAP, what check(case) finds wrong with each case: '' for nothing."""
    print(f'1..{len(cases)}')
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for number, (case, why) in enumerate(zip(cases, pool.map(check, cases)), 1):
            print('not ok' if why else 'ok', number, '-', case.name)
            for line in why.splitlines():
                print('#', line)
