# SPDX-License-Identifier: MIT
"""Run programs, one after the other, and notice when the machine was busy with something else."""

import json
import subprocess
import time

from . import matrix

SLOWER = 1.15  # than the best calibration: somebody else was running
MOST_REPEATS = 3  # of a run that was disturbed


class Calibration:
    """A fixed amount of work, and how long it takes at best, by the number of threads."""

    def __init__(self, program):
        self.program = program
        self.best = {}

    def take(self, threads):
        done = subprocess.run([self.program, str(threads)], stdout=subprocess.PIPE, check=True)
        ns = int(done.stdout)
        self.best[threads] = min(ns, self.best.get(threads, ns))
        return ns

    def warm_up(self, all_threads):
        for threads in sorted(set(all_threads)):
            for _ in range(5):
                self.take(threads)

    def is_disturbed(self, row):
        """Judged by the best so far, so asked again when all is done."""
        slowest = max(row['calibration_before_ns'], row['calibration_after_ns'])
        return slowest > SLOWER * self.best[row['threads']]


def read(done):
    """What a program says: its figures, or {'skipped': why} or {'error': what went wrong}."""
    complaint = (done.stderr.strip().splitlines() or ['no message'])[0]
    if done.returncode == 2:
        return {'skipped': complaint}
    if done.returncode != 0:
        how = f'signal {-done.returncode}' if done.returncode < 0 else f'exit {done.returncode}'
        return {'error': f'{how}: {complaint}'}
    try:
        said = json.loads(done.stdout)
    except ValueError:
        return {'error': f'not a line of JSON: {done.stdout[:80]!r}'}
    if 'skipped' in said or any(figure in said for figure in matrix.FIGURES):
        return said
    return {'error': f'no figure: {done.stdout[:80]!r}'}


def run(program, measurement, options):
    """Run a program once: a row."""
    command = [program.path, measurement.workload, str(measurement.threads),
               *program.arguments, *matrix.settings(measurement, options.quick)]
    begin = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, errors='replace',
                              timeout=options.timeout)
        said = read(done)
    except subprocess.TimeoutExpired:
        said = {'error': f'not through after {options.timeout} s'}
    except OSError as error:
        said = {'error': f'cannot be run: {error}'}
    seconds = round(time.monotonic() - begin, 3)
    return {**said, 'peer': program.name, **measurement._asdict(),
            'settings': command[3:], 'seconds': seconds}


def run_calibrated(program, measurement, options, calibration):
    """Run a program, again if it was disturbed: rows, of which the last one counts."""
    rows = []
    for _ in range(1 + MOST_REPEATS):
        before = calibration.take(measurement.threads)
        row = run(program, measurement, options)
        after = calibration.take(measurement.threads)
        row.update(calibration_before_ns=before, calibration_after_ns=after)
        rows.append(row)
        if is_over(row) or not calibration.is_disturbed(row):
            break
    return rows


def is_over(row):
    """There is no point in running this again."""
    return 'error' in row or 'skipped' in row


def measure(measurements, programs, options, calibration, keep, say):
    """Run all programs in turn, for each measurement, in several rounds. keep() gets each row."""
    for measurement in measurements:
        over = set()
        there = [program for program in programs
                 if matrix.is_written(program.name, measurement.workload)]
        for number in range(options.rounds):
            first = number % len(there) if there else 0
            for program in there[first:] + there[:first]:
                if program.name in over:
                    continue
                rows = run_calibrated(program, measurement, options, calibration)
                for row in rows:
                    row['round'] = number + 1
                    keep(row)
                if is_over(rows[-1]):
                    over.add(program.name)
                    say(f'{program.name}: {label(measurement)}: '
                        f'{rows[-1].get("skipped") or rows[-1].get("error")}')
        say(f'measured: {label(measurement)}')


def label(measurement):
    plural = 's' if measurement.threads > 1 else ''
    return ' '.join(filter(None, [measurement.workload, measurement.param,
                                  f'{measurement.threads} thread{plural}']))
