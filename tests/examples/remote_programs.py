# SPDX-License-Identifier: MIT
"""Programs that are started, say where they listen, and end in order: for tests of them."""

import os
import queue
import shutil
import signal
import subprocess
import tempfile
import threading
import unittest

PATIENCE = 30  # seconds for what ought to take none

# ThreadSanitizer has a program sleep for a second before it ends.
ENVIRONMENT = {**os.environ,
               'TSAN_OPTIONS': os.environ.get('TSAN_OPTIONS', '') + ':atexit_sleep_ms=0'}


class Program:
    """A program that runs; what it prints is read line by line."""

    def __init__(self, *command):
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=ENVIRONMENT)
        self.lines = queue.Queue()
        self.errors = []
        self.readers = [threading.Thread(target=self.read_lines),
                        threading.Thread(target=self.read_errors)]
        for reader in self.readers:
            reader.start()

    def read_lines(self):
        for line in self.process.stdout:
            self.lines.put(line.rstrip('\n'))
        self.lines.put(None)

    def read_errors(self):
        self.errors.extend(self.process.stderr)

    def line(self):
        """The next one; None at the end."""
        return self.lines.get(timeout=PATIENCE)

    def address(self, word='listening'):
        """What it announces."""
        line = self.line()
        if line is None or not line.startswith(word + ' '):
            raise AssertionError(f'{self.process.args}: {line}: {"".join(self.errors)}')
        return line.split(' ', 1)[1]

    def tell(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Its exit status, what it printed that nobody has read, and its complaints."""
        status = self.process.wait(timeout=PATIENCE)
        for reader in self.readers:
            reader.join(PATIENCE)
        lines = []
        while (line := self.lines.get(timeout=PATIENCE)) is not None:
            lines.append(line)
        return status, lines, ''.join(self.errors)

    def end(self):
        """Whatever it does."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        for reader in self.readers:
            reader.join(PATIENCE)
        self.process.stdout.close()
        self.process.stderr.close()


class ProgramTest(unittest.TestCase):
    """Starts programs, and leaves none behind."""

    def start(self, *command):
        program = Program(*command)
        self.addCleanup(program.end)
        return program

    def folder(self):
        """A new one, short enough for sockets."""
        path = tempfile.mkdtemp(prefix='actor-')
        self.addCleanup(shutil.rmtree, path)
        return path

    def assert_ends(self, program, number=signal.SIGTERM, complaints=''):
        """It ends in order when it is told to."""
        program.tell(number)
        self.assertEqual(program.wait(), (0, [], complaints))

    def run_program(self, *command):
        return self.start(*command).wait()

    def assert_fails(self, done, name):
        """A program has named this error, and printed nothing."""
        status, lines, complaints = done
        self.assertIn(f': {name}: ', complaints)
        self.assertEqual((status, lines), (1, []))
