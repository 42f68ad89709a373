#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""wordcount, and the same by hand (pthreads.c): do they say the same?

    pthreads-test.py WORDCOUNT PTHREADS
"""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
import corpus

PROGRAMS = ()

ALL = '1000000000'  # for --top: more than there are
N_READ = 128 << 10  # what is read at a time
N_PIECE = 8 << 20  # what a large file is cut into
SECONDS = 100  # by then, it hangs
LICENCES = '/usr/share/common-licenses'


def run(program, *arguments, **options):
    """What a program says: its status, its output, and its errors in any order."""
    done = subprocess.run([program, *map(str, arguments)], timeout=SECONDS,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          **{'stdin': subprocess.DEVNULL, **options})
    return done.returncode, done.stdout, sorted(done.stderr.splitlines())


class Same(unittest.TestCase):
    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix='wordcount-test-')
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def assertSame(self, *arguments, status=0, **options):
        """That both say the same, on any number of threads; returns what they print."""
        outs = set()
        for threads in 1, 2, 3, 16:
            for program in PROGRAMS:
                got, out, errors = run(program, '--threads', threads, *arguments, **options)
                self.assertEqual(got, status, errors)
                outs.add((out, *errors))
        self.assertEqual(len(outs), 1, 'the results differ')
        return outs.pop()[0]

    def test_licences(self):
        out = self.assertSame('--top', ALL, LICENCES)
        counts = corpus.count(path.read_bytes() for path in corpus.files_below(LICENCES))
        self.assertEqual(out, corpus.lines(counts))
        for top in 1, 20, 100:
            self.assertSame('--top', top, LICENCES)

    def test_large_files_and_small_ones(self):
        texts = list(corpus.real_texts(LICENCES))
        large = self.file('large', b''.join(corpus.vary(texts, 3 * N_PIECE)))
        small = [self.file(f'{i}', text) for i, text in enumerate(texts)]
        for paths in [large, *small], [*small, large]:
            self.assertSame('--top', ALL, *paths)

    def test_words_at_borders(self):
        for border in N_READ, N_PIECE:
            paths = []
            for before in range(12):
                content = bytearray(b'\n') * (border + 40)
                content[border - before:border - before + 11] = b'Neighbours!'
                paths.append(self.file(f'{border}-{before}', content))
            self.assertEqual(self.assertSame(*paths), b'12 neighbours\n')
        self.assertSame(self.file('long', b'x' * (N_PIECE - 3) + b' ' + b'y' * 2 * N_PIECE + b' z'))

    def test_any_bytes(self):
        self.assertSame('--top', ALL, self.file('bytes', random.Random(4).randbytes(300000)))

    def test_nothing(self):
        self.assertEqual(self.assertSame(self.file('empty', b'')), b'')
        self.assertEqual(self.assertSame(self.folder), b'')

    def test_what_cannot_be_read(self):
        good = self.file('good', b'good words')
        os.symlink('loop', self.folder / 'loop')
        self.assertSame(self.folder / 'missing', good, self.folder / 'loop', status=1)
        self.assertSame('/proc/self/mem', good, status=1)
        self.assertSame(status=2)
        self.assertSame('--top', 'x', good, status=2)

    def test_stdin(self):
        content = b'words from stdin ' * 100000
        out = self.assertSame('-', stdin=None, input=content)
        self.assertEqual(out, corpus.lines(corpus.count([content])))

    def test_output_that_cannot_be_written(self):
        path = self.file('text', b'some words')
        for program in PROGRAMS:
            with open('/dev/full', 'wb') as full:
                done = subprocess.run([program, path], stdout=full, stderr=subprocess.DEVNULL,
                                      timeout=SECONDS)
            self.assertEqual(done.returncode, 3)


if __name__ == '__main__':
    # ThreadSanitizer would wait a second at the end of each program.
    os.environ['TSAN_OPTIONS'] = os.environ.get('TSAN_OPTIONS', '') + ':atexit_sleep_ms=0'
    PROGRAMS = tuple(map(os.path.abspath, sys.argv[1:3]))
    unittest.main(argv=sys.argv[:1], verbosity=2)
