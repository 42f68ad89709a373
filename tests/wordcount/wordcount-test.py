#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The whole program, on files of all kinds.

    wordcount-test.py WORDCOUNT STARVED [--sanitized]

STARVED is wordcount with allocations that can be refused (see starve.c).
"""

import collections
import errno
import os
import pathlib
import pty
import random
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
import corpus

WORDCOUNT = STARVED = None
SANITIZED = False

ALL = '1000000000'  # for --top: more than there are
N_READ = 128 << 10  # what a reader reads at a time
N_PIECE = 8 << 20  # what a large file is cut into
SECONDS = 100  # by then, it hangs
LICENCES = '/usr/share/common-licenses'

Result = collections.namedtuple('Result', 'status out err')


def run(*arguments, program=None, **options):
    """Run wordcount; keywords are those of subprocess.run()."""
    done = subprocess.run([program or WORDCOUNT, *map(str, arguments)], timeout=SECONDS,
                          **{'stdin': subprocess.DEVNULL, 'stdout': subprocess.PIPE,
                             'stderr': subprocess.PIPE, **options})
    return Result(done.returncode, done.stdout, (done.stderr or b'').decode())


def starve(*arguments, **limits):
    """Run wordcount with limits to its memory, as starve.c has them."""
    limits = {name: str(value) for name, value in limits.items()}
    return run(*arguments, program=STARVED, env={**os.environ, **limits})


def distinct_words(n):
    """As many different words."""
    letters = bytes(range(97, 123))
    return b' '.join(bytes([letters[i // 26**k % 26] for k in range(5)]) for i in range(n))


class Case(unittest.TestCase):
    """Has a directory for files, and ways to look at a result."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory(prefix='wordcount-test-')
        self.addCleanup(scratch.cleanup)
        self.folder = pathlib.Path(scratch.name)

    def file(self, name, content):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return path

    def assertCounted(self, result, counts, top=None, status=0):
        self.assertEqual(result.status, status, result.err)
        expected = corpus.lines(counts, top)
        if result.out != expected:  # a short message, whatever the length of the texts
            got, want = result.out.splitlines(), expected.splitlines()
            first = next((i for i, pair in enumerate(zip(got, want)) if pair[0] != pair[1]),
                         min(len(got), len(want)))
            self.fail(f'{len(got)} lines for {len(want)}; line {first + 1} differs: '
                      f'{got[first:first + 1]} for {want[first:first + 1]}')
        if status == 0:
            self.assertEqual(result.err, '')

    def assertCounts(self, *contents, options=()):
        """What is counted in files with these contents."""
        paths = [self.file(f'{i}', content) for i, content in enumerate(contents)]
        self.assertCounted(run('--top', ALL, *options, *paths), corpus.count(contents))

    def assertSkips(self, path, code, *others):
        """That a path is named with an error, and what else there is is counted."""
        result = run('--top', ALL, path, *others)
        self.assertEqual(result.err, f'wordcount: {path}: {os.strerror(code)}\n')
        self.assertCounted(result, corpus.count(other.read_bytes() for other in others), status=1)


class CommandLine(Case):
    def test_help(self):
        result = run('--help')
        self.assertEqual((result.status, result.err), (0, ''))
        for text in 'Usage:', '--threads', '--counters', '--top', '--mailbox', 'Exit status':
            self.assertIn(text, result.out.decode())
        self.assertLessEqual(max(map(len, result.out.splitlines())), 80)

    def assertUsageError(self, *arguments, what):
        result = run(*arguments)
        self.assertEqual((result.status, result.out), (2, b''))
        self.assertIn(what, result.err)
        self.assertIn("Try 'wordcount --help'.", result.err)

    def test_no_input(self):
        self.assertUsageError(what='no FILE or DIR given')
        self.assertUsageError('--top', 5, '--', what='no FILE or DIR given')

    def test_unknown_options(self):
        self.assertUsageError('--words', '/dev/null', what='--words')
        self.assertUsageError('-x', '/dev/null', what='x')
        self.assertUsageError('--top', what='--top')

    def test_bad_numbers(self):
        for option in '--threads', '--counters', '--top', '--mailbox':
            for number in ('', '0', '-1', '+1', ' 1', '1 ', '1x', 'x', '0x10', '1.5', '1e3',
                           '9' * 30):
                with self.subTest(option=option, number=number):
                    self.assertUsageError(f'{option}={number}', '/dev/null',
                                          what=f"{option}: '{number}' is not a number from 1")

    def test_numbers_too_large(self):
        for option, most in ('threads', 1024), ('counters', 1024), ('mailbox', 1000000):
            self.assertUsageError(f'--{option}', most + 1, '/dev/null', what=f'from 1 to {most}')

    def test_stdin_twice(self):
        self.assertUsageError('-', '/dev/null', '-', what='more than once')

    def test_names_that_look_like_options(self):
        self.file('--top', b'one')
        result = run('--', '--top', cwd=self.folder)
        self.assertCounted(result, {b'one': 1})


class Words(Case):
    def test_default_is_the_first_twenty(self):
        content = b' '.join(b'%c%c ' % (97 + i // 26, 97 + i % 26) * (i // 3) for i in range(200))
        path = self.file('text', content)
        counts = corpus.count([content])
        self.assertCounted(run(path), counts, top=20)
        for top in 1, 2, 19, 67, 197, 198:
            self.assertCounted(run('--top', top, path), counts, top=top)

    def test_ties_are_in_byte_order(self):
        self.assertCounts(b'b a ab abc aa c B A aab zz z ' + b'longerthaneight longerthaneights ')

    def test_nothing_but_letters_is_a_word(self):
        self.assertCounts(bytes(range(256)) * 3, b"don't e-mail na\xc3\xafve x2y _z")

    def test_files_are_apart(self):
        self.assertCounts(b'one', b'two', b'', b'\n', b'one')
        self.assertCounts(*[b'x'] * 300)

    def test_empty(self):
        self.assertCounts(b'')
        self.assertCounts(b'', b'\n\n', b'123')
        (self.folder / 'nothing').mkdir()
        self.assertCounted(run(self.folder / 'nothing'), {})

    def test_binary(self):
        chance = random.Random(2)
        self.assertCounts(chance.randbytes(300000), b'\0' * 100000 + b'a' + b'\0' * 100000)

    def test_words_at_the_border_of_reads_and_pieces(self):
        for border in N_READ, 2 * N_READ, N_PIECE:
            contents = []
            for before in range(0, 12):
                content = bytearray(b'\n') * (border + 40)
                content[border - before:border - before + 11] = b'Neighbours!'
                content[border - before - 10:border - before - 1] = b'precedent'
                contents.append(bytes(content))
            self.assertCounts(*contents)

    def test_words_across_pieces(self):
        for length in 4096, N_READ, N_READ + 1, N_PIECE, N_PIECE + 1, 2 * N_PIECE + 12345:
            content = b'x' * (N_PIECE - 3) + b' ' + b'y' * length + b' z ' + b'w' * 100
            self.assertCounts(content)

    def test_nothing_but_one_word(self):
        self.assertCounts(b'Q' * (3 * N_PIECE + 5))

    def test_long_words_again_and_again(self):
        chance = random.Random(3)
        words = [bytes([97 + i]) * length for i, length in
                 enumerate((9, 5000, N_READ - 1, N_READ, 3 * N_READ, 70000))]
        self.assertCounts(b' '.join(chance.choice(words) for _ in range(60)),
                          options=('--counters', 3, '--mailbox', 1))

    def test_more_words_than_a_table_begins_with(self):
        self.assertCounts(distinct_words(200000), distinct_words(100000))


class Real(Case):
    """Real texts, and the pipeline that says what is right."""

    def test_licences(self):
        paths = list(corpus.files_below(LICENCES))
        counts = corpus.count_by_coreutils(paths)
        self.assertEqual(counts, corpus.count(path.read_bytes() for path in paths))
        self.assertCounted(run(*paths), counts, top=20)
        self.assertCounted(run(LICENCES), counts, top=20)
        self.assertCounted(run('--top', ALL, LICENCES), counts)

    def test_whatever_the_numbers(self):
        paths = [*corpus.files_below(LICENCES)]
        paths.append(self.file('large', b'\n'.join(path.read_bytes() for path in paths) * 40))
        counts = corpus.count_by_coreutils(paths)
        for threads, counters, mailbox in ((1, 1, 1), (1, 7, 1), (7, 1, 1), (2, 2, 2), (16, 16, 1),
                                           (3, 1000, 1), (64, 97, 3)):
            with self.subTest(threads=threads, counters=counters, mailbox=mailbox):
                result = run('--threads', threads, '--counters', counters, '--mailbox', mailbox,
                             '--top', ALL, *paths)
                self.assertCounted(result, counts)

    def test_programs_as_text(self):
        paths = [WORDCOUNT, sys.executable]
        self.assertCounted(run('--top', ALL, *paths), corpus.count_by_coreutils(paths))


class Files(Case):
    def test_directories(self):
        contents = {'a': b'one two', 'b/c': b'two', 'b/d/e/f': b'three Two', 'b/.hidden': b'four'}
        for name, content in contents.items():
            self.file(f'tree/{name}', content)
        os.mkfifo(self.folder / 'tree/fifo')
        os.symlink('.', self.folder / 'tree/b/loop')
        os.symlink('loop', self.folder / 'tree/b/loop-too')
        os.symlink('loop-of-one', self.folder / 'tree/b/loop-of-one')
        os.symlink('../a', self.folder / 'tree/b/link')
        os.symlink('nowhere', self.folder / 'tree/b/dangling')
        counts = corpus.count(contents.values())
        self.assertCounted(run(self.folder / 'tree'), counts)
        os.symlink('tree', self.folder / 'link')
        self.assertCounted(run(self.folder / 'link'), counts)
        self.assertCounted(run(self.folder / 'tree/b/loop/', self.folder / 'tree/a'), counts)

    def test_deep_directories(self):
        here = os.open(self.folder, os.O_RDONLY)
        for _ in range(60):  # longer than a path may be
            os.mkdir('d' * 100, dir_fd=here)
            below = os.open('d' * 100, os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = below
        os.close(here)
        self.file('a', b'word')
        result = run(self.folder)
        self.assertCounted(result, {b'word': 1}, status=1)
        self.assertIn(os.strerror(errno.ENAMETOOLONG), result.err)

    def test_links_on_the_command_line(self):
        target = self.file('target', b'some words, some')
        os.symlink(target, self.folder / 'link')
        self.assertCounted(run(self.folder / 'link', target), {b'some': 4, b'words': 2})

    def test_unreadable(self):
        good = self.file('good', b'good words')
        os.symlink('nowhere', self.folder / 'dangling')
        os.symlink('loop', self.folder / 'loop')
        for name, code in (('missing', errno.ENOENT), ('dangling', errno.ENOENT),
                           ('loop', errno.ELOOP), ('good/below', errno.ENOTDIR),
                           ('x' * 300, errno.ENAMETOOLONG)):
            with self.subTest(name=name):
                self.assertSkips(self.folder / name, code)
                self.assertSkips(self.folder / name, code, good)
        self.assertSkips('', errno.ENOENT, good)
        self.assertSkips('/proc/self/mem', errno.EIO, good)

    def test_forbidden(self):
        good = self.file('tree/good', b'good words')
        for name in 'tree/file', 'tree/folder/file':
            self.file(name, b'secret').chmod(0)
        (self.folder / 'tree/folder').chmod(0)
        self.addCleanup((self.folder / 'tree/folder').chmod, 0o700)
        # Even root may be refused, without the capabilities that let it read everything.
        as_others = ['setpriv', '--bounding-set=-dac_override,-dac_read_search', WORDCOUNT]
        result = run(*(as_others[1:] if os.geteuid() == 0 else []), self.folder / 'tree',
                     program=as_others[0] if os.geteuid() == 0 else WORDCOUNT)
        self.assertCounted(result, corpus.count([good.read_bytes()]), status=1)
        self.assertEqual(result.err.count(os.strerror(errno.EACCES)), 2, result.err)

    def test_many_unreadable(self):
        names = [self.folder / f'missing-{i}' for i in range(500)]
        result = run('--mailbox', 1, *names, self.file('good', b'good'))
        self.assertCounted(result, {b'good': 1}, status=1)
        self.assertEqual(sorted(result.err.splitlines()), sorted(
            f'wordcount: {name}: {os.strerror(errno.ENOENT)}' for name in names))

    def test_stdin(self):
        content = b'words from stdin ' * 100000
        self.assertCounted(run('-', stdin=None, input=content), corpus.count([content]))
        path = self.file('text', content)
        with open(path, 'rb', buffering=0) as stdin:
            stdin.seek(len(content) - 5)
            self.assertCounted(run('-', path, stdin=stdin), corpus.count([content, content[-5:]]))
        result = run('-', preexec_fn=lambda: os.close(0))
        self.assertEqual((result.status, result.err),
                         (1, f'wordcount: -: {os.strerror(errno.EBADF)}\n'))

    def test_fifo(self):
        content = b'words through a pipe, split anywhere ' * 20000
        fifo = self.folder / 'fifo'
        os.mkfifo(fifo)

        def write():
            with open(fifo, 'wb', buffering=0) as to:
                for i in range(0, len(content), 7777):
                    to.write(content[i:i + 7777])

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        other = self.file('text', content)
        result = run('--threads', 1, fifo, other)
        writer.join(SECONDS)
        self.assertCounted(result, corpus.count([content, content]))

    def test_files_of_no_size(self):
        path = '/proc/version'
        self.assertCounted(run('--top', ALL, path), corpus.count_by_coreutils([path]))

    def test_output_that_cannot_be_written(self):
        path = self.file('text', distinct_words(5000))
        with open('/dev/full', 'wb') as full:
            for arguments in ((path,), ('--top', ALL, path), ('--help',)):
                result = run(*arguments, stdout=full)
                self.assertEqual(result.status, 3)
                self.assertIn(os.strerror(errno.ENOSPC), result.err)


class Progress(Case):
    def watch(self, *arguments, feed=None):
        """Run wordcount with a terminal for stderr: status, output, and what the terminal saw.

        FEED is called with a pipe to its standard input, and with what the terminal sees."""
        try:
            terminal, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f'no terminal can be had here: {error}')
        seen = bytearray()
        process = subprocess.Popen([WORDCOUNT, *map(str, arguments)], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=theirs)
        os.close(theirs)

        def look():
            try:
                while chunk := os.read(terminal, 4096):
                    seen.extend(chunk)
            except OSError:  # nobody has the other side any more
                pass

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        if feed:
            feed(process.stdin, seen)
        out, _ = process.communicate(timeout=SECONDS)
        watcher.join(SECONDS)
        os.close(terminal)
        return Result(process.returncode, out, seen.decode())

    def test_bar(self):
        content = b'the same words again and again ' * 200000
        for i in range(3):
            self.file(f'tree/{i}', content)
        result = self.watch(self.folder / 'tree')
        self.assertEqual(result.out, corpus.lines(corpus.count([content] * 3)))
        self.assertEqual(result.status, 0)
        self.assertRegex(result.err, r'\r\[#* *\] +\d+%  \d+\.\d of 18\.6 MB, \d of 3 files *\r')
        shown = [line for line in result.err.split('\r') if line]
        self.assertTrue(all(len(line) == 78 for line in shown), shown)
        self.assertEqual(shown[-1].strip(), '')  # the last thing drawn is nothing

    def test_pipe(self):
        def feed(stdin, seen):
            deadline = time.monotonic() + SECONDS
            while len(set(re.findall(rb'\S+ MB, 0 of 1 files', seen))) < 3:
                self.assertLess(time.monotonic(), deadline)
                stdin.write(b'the same words again and again ' * 10000)

        result = self.watch('-', feed=feed)
        self.assertEqual(result.status, 0)
        self.assertRegex(result.err, r'\r\d+\.\d MB, 0 of 1 files *\r')
        self.assertNotIn('%', result.err)

    def test_names_of_unreadable_files_have_a_line_of_their_own(self):
        content = b'the same words again and again ' * 200000
        self.file('tree/text', content)
        result = self.watch(self.folder / 'missing', self.folder / 'tree', self.folder / 'missing')
        self.assertEqual(result.status, 1)
        line = f'wordcount: {self.folder}/missing: {os.strerror(errno.ENOENT)}\r\n'
        self.assertEqual(result.err.count(' \r' + line) + result.err.count('\n' + line), 2)

    def test_no_bar_without_a_terminal(self):
        content = b'the same words again and again ' * 200000
        self.assertCounts(content)  # which finds nothing on stderr


class Memory(Case):
    """Bounded memory, and what happens without any."""

    def limit(self, n_bytes):
        """Keyword for run(): so much memory, the threads' stacks included."""
        if SANITIZED:
            self.skipTest('sanitizers need memory of their own')
        limits = (n_bytes, n_bytes)
        return {'preexec_fn': lambda: resource.setrlimit(resource.RLIMIT_DATA, limits)}

    def test_is_bounded(self):
        content = distinct_words(20000) + b' '
        n_times = (64 << 20) // len(content)
        path = self.file('text', content * n_times)
        for threads, counters in (1, 1), (2, 1), (2, 5):
            result = run('--threads', threads, '--counters', counters, path,
                         **self.limit(64 << 20))
            self.assertCounted(result, {word: n_times for word in content.split()}, top=20)

    def test_batches_of_long_words_are_short(self):
        n_words, length = 2000, 20000
        content = b' '.join(word * (length // 5) for word in distinct_words(n_words).split())
        result = run('--threads', 1, '--top', 1, self.file('text', content),
                     **self.limit(n_words * length + (24 << 20)))
        self.assertCounted(result, corpus.count([content]), top=1)

    def test_long_word_costs_a_few_times_its_length(self):
        n_word = 64 << 20
        path = self.file('word', b'w' * n_word)
        result = run('--threads', 2, path, **self.limit(5 * n_word))
        self.assertCounted(result, {b'w' * n_word: 1})

    def test_without_a_stack_to_run_on_it_ends(self):
        # From where threads cannot be had to where all can: in between all actors that have a stack
        # wait for one that has none.
        if SANITIZED:
            self.skipTest('sanitizers need memory of their own')
        contents = [distinct_words(500)] * 50
        paths = [self.file(str(i), content) for i, content in enumerate(contents)]
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        running = []
        for n_bytes in range(2 << 20, 7 << 20, 512 << 10):
            def limit(n_bytes=n_bytes):
                resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
                resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, n_bytes))

            running.append(subprocess.Popen([WORDCOUNT, '--threads', '2', *paths],
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, preexec_fn=limit))
        said = ''
        for process in running:
            out, err = process.communicate(timeout=SECONDS)
            result = Result(process.returncode, out, err.decode())
            if result.status == 0:
                self.assertCounted(result, corpus.count(contents), top=20)
            else:
                self.assertGaveUp(result)
            said += result.err
        self.assertIn('there is no memory for a stack', said)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.assertLess(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 3)

    def assertGaveUp(self, result):
        self.assertEqual((result.status, result.out), (3, b''), result.err)
        self.assertIn('wordcount: gave up: ', result.err)

    def test_counter_that_fails_ends_the_program(self):
        path = self.file('text', distinct_words(300000))
        for threads in 1, 2, 8:
            result = starve('--counters', 1, '--mailbox', 1, '--threads', threads, path, path, path,
                            STARVE_ABOVE=1 << 20)
            self.assertGaveUp(result)
            self.assertIn('wordcount: counter: out of memory\n', result.err)

    def test_reader_that_is_stuck_delays_no_error(self):
        fifo = self.folder / 'fifo'
        os.mkfifo(fifo)
        kept_open = os.open(fifo, os.O_RDWR)
        self.addCleanup(os.close, kept_open)
        path = self.file('text', distinct_words(300000))
        for mailbox in 1, 1000000:  # the counter fails before, or after, all has been read
            result = starve('--counters', 1, '--threads', 2, '--mailbox', mailbox, fifo, path,
                            STARVE_ABOVE=1 << 20)
            self.assertGaveUp(result)

    def test_any_size_may_be_refused(self):
        content = distinct_words(100000) + b' ' + b'w' * 1000000
        path = self.file('text', content)
        expected = corpus.lines(corpus.count([content]), 20)
        statuses = set()
        for power in range(25):
            result = starve('--threads', 2, '--counters', 3, path, STARVE_ABOVE=1 << power)
            statuses.add(result.status)
            if result.status == 0:
                self.assertEqual(result.out, expected)
            else:
                self.assertGaveUp(result)
        self.assertEqual(statuses, {0, 3})

    def test_any_allocation_may_be_refused(self):
        path = self.file('text', distinct_words(2000) + b' ' + b'w' * 300000)
        expected = run(path).out
        n = 0
        while True:
            result = starve('--threads', 2, '--counters', 2, path, self.folder / 'missing',
                            STARVE_AFTER=n)
            if result.status == 1:
                break
            self.assertGaveUp(result)
            n += 1
        self.assertEqual(result.out, expected)
        self.assertGreater(n, 20)


if __name__ == '__main__':
    SANITIZED = '--sanitized' in sys.argv
    # ThreadSanitizer would wait a second at the end of each program.
    os.environ['TSAN_OPTIONS'] = os.environ.get('TSAN_OPTIONS', '') + ':atexit_sleep_ms=0'
    WORDCOUNT, STARVED = map(os.path.abspath, sys.argv[1:3])
    unittest.main(argv=sys.argv[:1], verbosity=2)
