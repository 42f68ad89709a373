#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Words that are counted by other processes: with the same result, whatever becomes of them.

    workers-test.py WORDCOUNT [--sanitized] [--tls]

--tls: it has TLS. Certificates for that are made by the tool openssl, if there is one.
"""

import os
import pathlib
import pty
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'examples'))
import corpus
from remote_programs import ENVIRONMENT, PATIENCE, ProgramTest

WORDCOUNT = None
SANITIZED = False
OPENSSL = None

ALL = '1000000000'  # for --top: more than there are
CHUNK = 256 << 10  # bytes of text that a worker is sent at a time
MOST = 512 << 10  # more are not sent to any
LICENCES = '/usr/share/common-licenses'
SOURCES = HERE.parent.parent

HEAD = struct.Struct('<QQQ')  # length of the frame, service, call
RESPONSE = (1 << 64) - 1


def some_words():
    """A text, of which some words are frequent."""
    chance = random.Random(1)
    words = [bytes(chance.choices(range(97, 123), k=chance.randrange(1, 12))) for _ in range(3000)]
    return b' '.join(chance.choices(words, weights=range(3000, 0, -1), k=20000)) + b'\n'


WORDS = some_words()
COUNTS = corpus.count([WORDS])


def n_texts(n_megabytes):
    """How often that goes into so much, of which sanitizers get half."""
    return n_megabytes * (1 << (19 if SANITIZED else 20)) // len(WORDS) + 1


def some_text(n_megabytes):
    """The same again and again."""
    return WORDS * n_texts(n_megabytes)


def expected_of(n_megabytes, n_times=1):
    """What is counted in that, so many times."""
    n = n_texts(n_megabytes) * n_times
    return corpus.lines({word: n * count for word, count in COUNTS.items()})


# Why a worker that is no more has been lost.
ENDED = '(the other side has closed( inside a frame)?|the connection is lost: .*)'

# ---- a worker by hand


def cbor_head(major, n):
    """The beginning of an item of CBOR."""
    for size, code in ((1, 24), (2, 25), (4, 26), (8, 27)):
        if n < 24:
            return bytes([major << 5 | n])
        if n < 1 << 8 * size:
            return bytes([major << 5 | code]) + n.to_bytes(size, 'big')
    raise ValueError(n)


def cbor_bytes(data):
    return cbor_head(2, len(data)) + data


def cbor_list(items):
    return cbor_head(4, len(items)) + b''.join(items)


def counted(words, counts):
    """What answers a text."""
    return cbor_list([cbor_bytes(words), cbor_list([cbor_head(0, count) for count in counts])])


def count_well(text):
    counts = corpus.count([text])
    return counted(b''.join(word + b' ' for word in counts), counts.values())


def count_a_longer_word(text):
    counts = corpus.count([text])
    word, count = counts.popitem()
    counts[word + b'x'] = count
    return counted(b''.join(word + b' ' for word in counts), counts.values())


def text_of(payload):
    """The bytes in an item of CBOR that is some."""
    info = payload[0] & 31
    return payload[1:] if info < 24 else payload[1 + (1 << info - 24):]


class FakeWorker:
    """Answers each chunk as it is told: by a payload; by None, never; or by an exception, after
    which the connection is closed."""

    def __init__(self, answer):
        self.answer = answer
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = 'tcp:127.0.0.1:%d' % self.listener.getsockname()[1]
        self.n_chunks = 0
        self.is_over = threading.Event()
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        connection, _ = self.listener.accept()
        with connection, connection.makefile('rb') as frames:
            try:
                while head := frames.read(HEAD.size):
                    length, _, call = HEAD.unpack(head)
                    payload = frames.read(length - HEAD.size)
                    self.n_chunks += 1
                    answer = self.answer(text_of(payload))
                    if answer is None:
                        continue
                    connection.sendall(HEAD.pack(HEAD.size + len(answer), RESPONSE, call) + answer)
            except OSError:
                pass
            except EOFError as end:
                if end.args:
                    connection.sendall(end.args[0])
        self.is_over.set()

    def close(self):
        self.listener.close()


# ---- the tests


class Case(ProgramTest):
    def worker(self, address='tcp:127.0.0.1:0', options=()):
        """One, and its address."""
        worker = self.start(WORDCOUNT, 'worker', '--listen', address, *options)
        return worker, worker.address()

    def workers(self, n, unix=False):
        folder = self.folder()
        return [self.worker(f'unix:{folder}/{i}' if unix else 'tcp:127.0.0.1:0') for i in range(n)]

    def fake(self, answer):
        worker = FakeWorker(answer)
        self.addCleanup(worker.close)
        return worker

    def file(self, content):
        path = pathlib.Path(self.folder()) / 'text'
        path.write_bytes(content)
        return path

    def begin(self, *arguments, program=None, **options):
        process = subprocess.Popen([program or WORDCOUNT, *map(str, arguments)], env=ENVIRONMENT,
                                   **{'stdin': subprocess.PIPE, 'stdout': subprocess.PIPE,
                                      'stderr': subprocess.PIPE, **options})
        self.addCleanup(self.end, process)
        return process

    def begin_without(self, files, *arguments):
        """Without some of the first three files, as the shell says it."""
        return self.begin('-c', f'exec "$0" "$@" {files}', WORDCOUNT, *arguments, program='sh')

    def end(self, process):
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in process.stdin, process.stdout, process.stderr:
            if stream:
                stream.close()

    def run_count(self, *arguments):
        process = self.begin(*arguments, stdin=subprocess.DEVNULL)
        out, err = process.communicate(timeout=4 * PATIENCE)
        return process.returncode, out, err.decode()

    def count(self, addresses, *paths, options=()):
        return self.run_count('--workers', ','.join(addresses), '--top', ALL, *options, *paths)

    def assert_same(self, result, expected, complaints=''):
        """A short message, whatever the length of the texts."""
        status, out, err = result
        self.assertRegex(err, f'\\A{complaints}\\Z')
        self.assertEqual(status, 0)
        self.assertTrue(out == expected, f'{len(out)} bytes for {len(expected)}: '
                                         f'{out[:60]} for {expected[:60]}')

    def assert_local(self, addresses, *paths):
        """That the result is as without workers."""
        status, expected, _ = self.run_count('--top', ALL, *paths)
        self.assertEqual(status, 0)
        self.assert_same(self.count(addresses, *paths), expected)


class SameResult(Case):
    def test_one_two_and_three_over_tcp_and_unix(self):
        large = self.file(some_text(3))
        for unix in False, True:
            workers = self.workers(3, unix)
            for n in 1, 2, 3:
                with self.subTest(unix=unix, n=n):
                    addresses = [address for _, address in workers[:n]]
                    self.assert_local(addresses, LICENCES, SOURCES / 'README.md',
                                      SOURCES / 'actor-remote', large)
            for worker, _ in workers:
                self.assert_ends(worker)

    def test_it_is_what_the_pipeline_says(self):
        paths = list(corpus.files_below(LICENCES))
        expected = corpus.lines(corpus.count_by_coreutils(paths))
        self.assert_same(self.count([self.worker()[1]], LICENCES), expected)

    def test_empty_and_binary(self):
        chance = random.Random(2)
        address = self.worker()[1]
        for content in (b'', b'\n\n', b'123', chance.randbytes(3 * CHUNK), b'\0' * 3 * CHUNK,
                        b'na\xc3\xafve \xff\xfe x\x80y', bytes(range(256)) * 5000):
            with self.subTest(content=content[:20]):
                self.assert_same(self.count([address], self.file(content)),
                                 corpus.lines(corpus.count([content])))

    def test_words_longer_than_a_chunk(self):
        addresses = [address for _, address in self.workers(2)]
        for length in CHUNK - 1, CHUNK, CHUNK + 1, MOST - 1, MOST, MOST + 1, 3 * MOST:
            content = b'before ' * 1000 + b'x' * length + b' after' * 1000
            with self.subTest(length=length):
                self.assert_same(self.count(addresses, self.file(content)),
                                 corpus.lines(corpus.count([content])))

    def test_as_many_different_words_as_there_can_be(self):
        threes = [bytes([97 + i // 676, 97 + i // 26 % 26, 97 + i % 26]) for i in range(26 ** 3)]
        content = b' '.join(three + more for more in (b'', b'x', b'y', b'z') for three in threes)
        self.assert_same(self.count([self.worker()[1]], self.file(content)),
                         corpus.lines(corpus.count([content])))

    def test_one_worker_for_several_at_a_time(self):
        address = self.worker()[1]
        path = self.file(some_text(2))
        processes = [self.begin('--workers', address, '--top', ALL, path) for _ in range(3)]
        for process in processes:
            out, err = process.communicate(timeout=4 * PATIENCE)
            self.assert_same((process.returncode, out, err.decode()), expected_of(2))

    def test_what_cannot_be_read_is_named(self):
        status, out, err = self.count([self.worker()[1]], '/none', LICENCES)
        self.assertEqual((status, err), (1, 'wordcount: /none: No such file or directory\n'))
        self.assertIn(b' the\n', out)


class Lost(Case):
    """Half of a text is read and counted before something happens, and half afterwards."""

    def setUp(self):
        self.patience = 6 if SANITIZED else 2

    def count_while(self, workers, happens, *options):
        half = some_text(3)
        process = self.begin('--workers', ','.join(address for _, address in workers), '--top',
                             ALL, *options, '-')
        try:
            process.stdin.write(half)
            process.stdin.flush()
            happens()
            process.stdin.write(half)
        except BrokenPipeError: # it has given up
            happens()
        out, err = process.communicate(timeout=4 * PATIENCE)
        return (process.returncode, out, err.decode()), expected_of(3, 2)

    def test_one_is_killed(self):
        workers = self.workers(3)
        result, expected = self.count_while(workers, lambda: workers[1][0].tell(signal.SIGKILL))
        self.assert_same(result, expected, f'wordcount: {workers[1][1]}: lost: {ENDED}\n')

    def test_two_are_killed_one_after_the_other(self):
        workers = self.workers(3, unix=True)

        def kill():
            workers[0][0].tell(signal.SIGKILL)
            time.sleep(0.05)
            workers[2][0].tell(signal.SIGKILL)

        result, expected = self.count_while(workers, kill)
        self.assert_same(result, expected, f'(wordcount: unix:.*: lost: {ENDED}\n){{2}}')

    def test_all_are_killed(self):
        workers = self.workers(2)
        (status, out, err), _ = self.count_while(
            workers, lambda: [worker.tell(signal.SIGKILL) for worker, _ in workers])
        self.assertEqual((status, out), (1, b''))
        self.assertRegex(err, f'(wordcount: tcp:.*: lost: {ENDED}\n){{2}}'
                              'wordcount: gave up: no worker is left\n')

    def test_none_is_left_for_the_last_chunk(self):
        def go(text):
            raise EOFError

        fake = FakeWorker(go)
        self.addCleanup(fake.close)
        status, out, err = self.count([fake.address], self.file(b'one two two'))
        self.assertEqual((status, out), (1, b''))
        self.assertIn('wordcount: gave up: no worker is left\n', err)

    def test_one_hangs(self):
        workers = self.workers(2)
        result, expected = self.count_while(workers, lambda: workers[0][0].tell(signal.SIGSTOP),
                                            '--patience', self.patience)
        workers[0][0].tell(signal.SIGCONT)
        self.assert_same(result, expected, f'wordcount: {workers[0][1]}: lost: .*deadline\n')

    def test_all_hang(self):
        workers = self.workers(2, unix=True)
        (status, out, err), _ = self.count_while(
            workers, lambda: [worker.tell(signal.SIGSTOP) for worker, _ in workers],
            '--patience', self.patience)
        self.assertEqual((status, out), (1, b''))
        self.assertIn('wordcount: gave up: no worker is left\n', err)

    def test_one_ends_in_order(self):
        workers = self.workers(2)
        result, expected = self.count_while(workers, lambda: workers[0][0].tell(signal.SIGTERM))
        self.assert_same(result, expected, f'(wordcount: {workers[0][1]}: lost: .*\n)?')
        self.assertEqual(workers[0][0].wait()[0], 0)

    def test_wrong_addresses(self):
        with socket.create_server(('127.0.0.1', 0)) as nobody:
            nowhere = 'tcp:127.0.0.1:%d' % nobody.getsockname()[1]
        path = self.file(b'one two two')
        for wrong, why in ((nowhere, 'Connection refused'), ('unix:/none/socket', 'No such file'),
                           ('somewhere', 'ACTOR_E_INVALID')):
            with self.subTest(wrong=wrong):
                status, out, err = self.count([wrong], path)
                self.assertEqual((status, out), (1, b''))
                self.assertRegex(err, f'wordcount: {wrong}: .*{why}.*\n'
                                      'wordcount: gave up: no worker is left\n')
                self.assert_same(self.count([wrong, self.worker()[1]], path), b'2 two\n1 one\n',
                                 f'wordcount: {wrong}: .*{why}.*\n')


class Strangers(Case):
    """Others than workers, and others than those whom workers count for."""

    def setUp(self):
        self.patience = 100

    def check(self, answer, why='.*'):
        """Whatever it answers, all is counted by the other one."""
        path = self.file(some_text(3))
        fake = self.fake(answer)
        self.assert_same(self.count([fake.address, self.worker()[1]], path,
                                    options=('--patience', self.patience)),
                         expected_of(3), f'(wordcount: {fake.address}: lost: {why}\n)?')
        return fake

    def test_one_that_counts_well_by_hand(self):
        path = self.file(some_text(1))
        fake = self.fake(count_well)
        self.assert_same(self.count([fake.address], path), expected_of(1))
        self.assertGreaterEqual(fake.n_chunks, 2 if SANITIZED else 4)

    def test_one_that_is_slow_gets_less(self):
        path = self.file(some_text(8))
        n_chunks = path.stat().st_size // CHUNK

        def count_slowly(text):
            time.sleep(2 if SANITIZED else 0.3)
            return count_well(text)

        fake = self.fake(count_slowly)
        self.assert_same(self.count([fake.address, self.worker()[1]], path,
                                    options=('--patience', 100)),
                         expected_of(8))
        self.assertLess(fake.n_chunks, n_chunks / 3)

    def test_answers_that_make_no_sense(self):
        lies = {
            'nothing of it': lambda text: counted(b'', []),
            'less than there is': lambda text: counted(b'one ', [1]),
            'a longer word': count_a_longer_word,
            'no words': lambda text: counted(b'', [1]),
            'no counts': lambda text: counted(b'one ', []),
            'fewer words': lambda text: counted(b'one ', [1, 2]),
            'fewer counts': lambda text: counted(b'one two ', [1]),
            'none of a word': lambda text: counted(b'one ', [0]),
            'more than there can be': lambda text: counted(b'one ', [len(text)]),
            'very many': lambda text: counted(b'one two ', [(1 << 64) - 1, 2]),
            'no letters': lambda text: counted(b'\xff\x00 12 ', [1, 1]),
            'another type': lambda text: cbor_list([cbor_head(0, 1)]),
            'no CBOR': lambda text: b'\xff' * 10,
            'nothing': lambda text: b'',
        }
        for name, lie in lies.items():
            with self.subTest(name=name):
                self.check(lie, 'message cannot be decoded')

    def test_who_answers_nonsense_loses_its_connection(self):
        fake = self.fake(lambda text: counted(b'one two ', [1]))
        process = self.begin('--workers', f'{fake.address},{self.worker()[1]}', '-')
        deadline = time.monotonic() + PATIENCE
        while not fake.is_over.wait(0.01):
            self.assertLess(time.monotonic(), deadline)
            process.stdin.write(WORDS)
        self.assertIsNone(process.poll())
        process.communicate(timeout=4 * PATIENCE)
        self.assertEqual(process.returncode, 0)

    def test_bytes_that_make_no_sense(self):
        def say(what):
            def answer(text):
                raise EOFError(what) if what else EOFError
            return answer

        long = 'a frame that came is too long'
        for name, what, why in (('the end', b'', ENDED),
                                ('noise', random.Random(3).randbytes(5000), long),
                                ('too long', HEAD.pack(1 << 40, RESPONSE, 1), long),
                                ('no worker', b'HTTP/1.1 400 Bad Request\r\n\r\n', long),
                                ('cut', HEAD.pack(1000, RESPONSE, 1) + b'x', ENDED)):
            with self.subTest(name=name):
                self.check(say(what), why)

    def test_one_that_never_answers(self):
        self.patience = 6 if SANITIZED else 2
        begin = time.monotonic()
        fake = self.check(lambda text: None, '.*deadline')
        self.assertLessEqual(fake.n_chunks, 3)
        self.assertLess(time.monotonic() - begin, PATIENCE)  # and not as long as any call may take

    def test_a_late_answer_is_not_counted(self):
        self.patience = 6 if SANITIZED else 2

        def count_late(text):
            time.sleep(self.patience + 1)
            return count_well(text)

        self.check(count_late, '.*deadline')

    def test_noise_costs_a_worker_a_connection(self):
        worker, address = self.worker()
        host, port = address.split(':')[1:]
        for noise in b'', b'GET / HTTP/1.1\r\n\r\n' * 10, random.Random(4).randbytes(100000):
            with socket.create_connection((host, int(port))) as stranger:
                stranger.sendall(noise)
                stranger.shutdown(socket.SHUT_WR)
                stranger.settimeout(PATIENCE)
                try:
                    while stranger.recv(65536):
                        pass
                except ConnectionResetError:
                    pass
        self.assert_same(self.count([address], self.file(b'one two two')), b'2 two\n1 one\n')
        worker.tell(signal.SIGTERM)
        self.assertEqual(worker.wait()[0], 0)


    def test_who_vanishes_leaves_nothing_with_a_worker(self):
        worker, address = self.worker()
        files = pathlib.Path(f'/proc/{worker.process.pid}/fd')
        n_files = len(list(files.iterdir()))
        for _ in range(3):
            process = self.begin('--workers', address, '-')
            process.stdin.write(some_text(1))
            process.stdin.flush()
            process.kill()
        deadline = time.monotonic() + PATIENCE
        while len(list(files.iterdir())) > n_files:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        self.assert_same(self.count([address], self.file(b'one two two')), b'2 two\n1 one\n')


class WithTls(Case):
    @classmethod
    def setUpClass(cls):
        if not OPENSSL:
            raise unittest.SkipTest('needs TLS, and the tool openssl')
        folder = tempfile.TemporaryDirectory(prefix='actor-tls-')
        cls.addClassCleanup(folder.cleanup)
        cls.ours, cls.theirs = (cls.option(pathlib.Path(folder.name) / name)
                                for name in ('ours', 'theirs'))

    @staticmethod
    def option(path):
        """Who is his own authority, and trusts nobody else."""
        certificate, key = f'{path}.pem', f'{path}.key'
        subprocess.run([OPENSSL, 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
                        'ec_paramgen_curve:P-256', '-nodes', '-subj', '/CN=worker', '-addext',
                        'subjectAltName=IP:127.0.0.1', '-keyout', key, '-out', certificate],
                       stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
                       timeout=PATIENCE)
        return ['--tls', certificate, key, certificate]

    def test_only_whom_one_trusts_counts(self):
        _, ours = self.worker(options=self.ours)
        _, theirs = self.worker(options=self.theirs)
        _, open_to_all = self.worker()
        path = self.file(some_text(2))
        self.assert_same(self.count([ours], path, options=self.ours), expected_of(2))
        self.assert_same(self.count([ours, theirs, open_to_all], path, options=self.ours),
                         expected_of(2), f'(wordcount: ({theirs}|{open_to_all}): lost: .*\n){{2}}')
        status, out, err = self.count([theirs], path, options=self.ours)
        self.assertEqual((status, out), (1, b''))
        self.assertIn(f'wordcount: {theirs}: lost: the certificate of the other side: ', err)

    def test_only_who_is_trusted_is_counted_for(self):
        worker, ours = self.worker(options=self.ours)
        path = self.file(b'one two two')
        for options in (), [*self.theirs[:3], self.ours[3]]:
            status, out, err = self.count([ours], path, options=options)
            self.assertEqual((status, out), (1, b''))
            self.assertIn(f'wordcount: {ours}: lost: ', err)
        self.assert_same(self.count([ours], path, options=self.ours), b'2 two\n1 one\n')
        worker.tell(signal.SIGTERM)
        self.assertIn('ACTOR_E_UNTRUSTED', worker.wait()[2])

    def test_by_another_name(self):
        """As at a path, which nobody's certificate is for."""
        _, worker = self.worker(f'unix:{self.folder()}/worker', options=self.ours)
        path = self.file(b'one two two')
        for options, expected in ((self.ours, 1), ([*self.ours, '--tls-name', '127.0.0.1'], 0),
                                  ([*self.ours, '--tls-name', '127.0.0.2'], 1)):
            self.assertEqual(self.count([worker], path, options=options)[0], expected)

    def test_files_that_are_none(self):
        for files in (['x'], ['x', 'y'], ['/nowhere', *self.ours[2:]]):
            status, out, err = self.run_count('--workers', 'unix:x', 'file', '--tls', *files)
            self.assertEqual((status, out), (2, b''))
            self.assertIn('--help', err)


class Rest(Case):
    def test_what_waits_is_bounded(self):
        """However much is read, and whoever is slow."""
        if SANITIZED:
            self.skipTest('sanitizers need memory of their own')
        others = bytes(byte for byte in range(256) if not bytes([byte]).isalpha())

        def count_letters(text):
            time.sleep(0.005)
            return counted(b'a ', [len(text.translate(None, others))])

        slow = self.fake(count_letters)
        text = some_text(1)
        process = self.begin('--workers', slow.address, '-')
        for _ in range(50):
            process.stdin.write(text)
        status = pathlib.Path(f'/proc/{process.pid}/status').read_text()
        process.communicate(timeout=4 * PATIENCE)
        self.assertEqual(process.returncode, 0)
        most = int(re.search(r'VmHWM:\s+(\d+) kB', status)[1])
        self.assertLess(most, 24 << 10)

    def begin_on_terminal(self, *arguments):
        """A process, what is seen, and who watches that: until it ends."""
        try:
            terminal, theirs = pty.openpty()
        except OSError as error:
            self.skipTest(f'no terminal can be had here: {error}')
        self.addCleanup(os.close, terminal)
        process = self.begin(*arguments, stderr=theirs)
        os.close(theirs)
        seen = bytearray()

        def look():
            try:
                while more := os.read(terminal, 4096):
                    seen.extend(more)
            except OSError:  # nobody has the other side any more
                pass

        watcher = threading.Thread(target=look, daemon=True)
        watcher.start()
        return process, seen, watcher

    def test_what_no_worker_has_counted_is_not_shown_as_theirs(self):
        address = self.worker()[1]
        process, seen, watcher = self.begin_on_terminal('--workers', address,
                                                        self.file(b'x' * (MOST + 1)))
        process.communicate(timeout=4 * PATIENCE)
        watcher.join(PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertIn(address.encode() + b': 0 chunks, 0.0 MB, counting', seen)
        self.assertNotIn(address.encode() + b': 1 chunks', seen)

    def test_progress_shows_each_worker(self):
        workers = self.workers(2)
        process, seen, watcher = self.begin_on_terminal(
            '--workers', ','.join(address for _, address in workers), '-')
        text = some_text(1)

        def feed_until(pattern):
            deadline = time.monotonic() + PATIENCE
            while not re.search(pattern, bytes(seen)):
                self.assertLess(time.monotonic(), deadline, seen[-500:])
                process.stdin.write(text)
                process.stdin.flush()

        lines = [re.escape(address.encode()) for _, address in workers]
        for line in lines:
            feed_until(line + rb': [1-9]\d* chunks, \d+\.\d MB, counting')
        workers[0][0].tell(signal.SIGKILL)
        feed_until(lines[0] + rb': \d+ chunks, \d+\.\d MB, lost')
        process.communicate(timeout=4 * PATIENCE)
        watcher.join(PATIENCE)
        self.assertEqual(process.returncode, 0)
        self.assertRegex(bytes(seen), b'wordcount: ' + lines[0] + b': lost: ')

    def assert_misused(self, *arguments, what):
        status, out, err = self.run_count(*arguments)
        self.assertEqual((status, out), (2, b''))
        self.assertIn(what, err)
        self.assertIn("Try 'wordcount --help'.", err)

    def test_command_line(self):
        self.assert_misused('worker', what='a worker needs --listen')
        self.assert_misused('worker', '--listen', 'unix:x', 'file', what='is told what to count')
        self.assert_misused('--listen', 'unix:x', 'file', what='only a worker listens')
        self.assert_misused('--workers', '', 'file', what='an address is missing')
        self.assert_misused('--workers', 'unix:a,,unix:b', 'file', what='an address is missing')
        self.assert_misused('--patience', '0', 'file', what="--patience: '0' is not a number")
        for option in '--threads', '--counters', '--top', '--mailbox', '--patience':
            self.assert_misused('worker', '--listen', 'unix:x', option, '2', what='has no options')
        self.assert_misused('worker', '--listen', 'unix:x', '--tls-name', 'y', what='has no options')
        self.assert_misused('--workers', 'unix:x', '--tls-name', 'y', 'file', what='is for --tls')
        self.assert_misused('--patience', '2', 'file', what='for --workers')
        help_ = self.run_count('--help')[1].decode()
        for word in 'wordcount worker --listen', '--workers', '--patience', 'is lost':
            self.assertIn(word, help_)

    def test_a_file_may_be_called_worker(self):
        path = self.file(b'one').rename(pathlib.Path(self.folder()) / 'worker')
        for arguments in (['./worker'], ['--', 'worker'], ['--top', '1', 'worker']):
            self.assertEqual(self.begin(*arguments, cwd=path.parent).communicate(
                timeout=PATIENCE)[0], b'1 one\n')

    def test_without_standard_files(self):
        """In their place there are no connections."""
        path = self.file(b'one two two')
        address = f'unix:{self.folder()}/worker'
        worker = self.begin_without('<&- >&- 2>&-', 'worker', '--listen', address)
        deadline = time.monotonic() + PATIENCE
        while not os.path.exists(address[len('unix:'):]):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)
        for files, paths, expected in (
                ('<&- >&- 2>&-', [path], (3, b'', b'')),
                ('>&-', [path], (3, b'', b'wordcount: gave up: Bad file descriptor\n')),
                ('<&- 2>&-', ['/none', path], (1, b'2 two\n1 one\n', b'')),
                ('<&-', ['-', path], (1, b'2 two\n1 one\n', b'wordcount: -: Bad file descriptor\n'))):
            with self.subTest(files=files):
                process = self.begin_without(files, '--workers', address, *paths)
                out, err = process.communicate(timeout=4 * PATIENCE)
                self.assertEqual((process.returncode, out, err), expected)
        worker.terminate()
        self.assertEqual(worker.wait(PATIENCE), 1)  # it could not say where it listens

    def test_a_worker_that_cannot_listen(self):
        _, address = self.worker()
        status, lines, complaints = self.run_program(WORDCOUNT, 'worker', '--listen', address)
        self.assertEqual((status, lines), (1, []))
        self.assertIn('Address already in use', complaints)


if __name__ == '__main__':
    SANITIZED = '--sanitized' in sys.argv
    OPENSSL = shutil.which('openssl') if '--tls' in sys.argv else None
    arguments = [word for word in sys.argv if word not in ('--sanitized', '--tls')]
    WORDCOUNT = os.path.abspath(arguments.pop(1))
    unittest.main(argv=arguments)
