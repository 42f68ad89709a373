# SPDX-License-Identifier: MIT
"""What wire-tool says about bytes, for the tests that compare it with something else."""

import subprocess


def ask(tool, lines):
    """The answer to each line: (True, words) or (False, why not)."""
    ran = subprocess.run([tool], input='\n'.join(lines) + '\n', stdout=subprocess.PIPE, text=True,
                         encoding='utf-8', check=True)
    answers = ran.stdout.split('\n')[:-1]
    if len(answers) != len(lines):
        raise SystemExit(f'{len(lines)} questions, {len(answers)} answers')
    return [(answer.startswith('OK '), answer[3:]) for answer in answers]


def report(name, results):
    """Print, in the format TAP, one line for each (what, why it is wrong or '')."""
    results = list(results)
    print(f'1..{max(len(results), 1)}')
    if not results:
        print(f'not ok 1 - {name} checks nothing')
    for number, (what, why) in enumerate(results, 1):
        print('not ok' if why else 'ok', number, '-', what.replace('#', ''))
        for line in why.splitlines():
            print('#', line)
