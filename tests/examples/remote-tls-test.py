#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs of actor-remote with TLS, and OpenSSL's own client at the other side.

    remote-tls-test.py REMOTE_SUM RELAY PUBSUB

Certificates are made by the tool openssl; without it, there is nothing to be tested.
"""

import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

from remote_programs import PATIENCE, ProgramTest

REMOTE_SUM, RELAY, PUBSUB = sys.argv[1:4]
ANY_PORT = 'tcp:127.0.0.1:0'
OPENSSL = shutil.which('openssl')


def openssl(*words):
    return subprocess.run([OPENSSL, *map(str, words)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=PATIENCE)


class Authority:
    """Gives certificates; all files are in its folder."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.name = name
        self.make(name, '-x509')

    def file(self, name, kind):
        return self.folder / f'{name}.{kind}'

    def must(self, *words):
        done = openssl(*words)
        if done.returncode:
            raise AssertionError(done.stdout)

    def make(self, name, *words, key=('ec', '-pkeyopt', 'ec_paramgen_curve:P-256')):
        self.must('req', '-newkey', *key, '-nodes', '-subj', f'/CN={name}',
                  '-keyout', self.file(name, 'key'), '-out', self.file(name, 'pem'), *words)

    def give(self, name, names, **how):
        """The options of a program that has a certificate for these names."""
        extensions = self.file(name, 'ext')
        extensions.write_text(f'subjectAltName={names}\n')
        self.make(name, **how)
        self.must('x509', '-req', '-in', self.file(name, 'pem'), '-out', self.file(name, 'crt'),
                  '-CA', self.file(self.name, 'pem'), '-CAkey', self.file(self.name, 'key'),
                  '-CAcreateserial', '-extfile', extensions)
        return ['--tls', self.file(name, 'crt'), self.file(name, 'key'),
                self.file(self.name, 'pem')]


@unittest.skipUnless(OPENSSL, 'needs the tool openssl')
class WithTls(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.TemporaryDirectory(prefix='actor-tls-')
        cls.addClassCleanup(cls.directory.cleanup)
        cls.ours = Authority(cls.directory.name, 'ours')
        cls.theirs = Authority(cls.directory.name, 'theirs')
        cls.server = cls.ours.give('server', 'IP:127.0.0.1,DNS:localhost')
        cls.client = cls.ours.give('client', 'DNS:client.example')
        cls.stranger = cls.theirs.give('stranger', 'IP:127.0.0.1')

    def serve(self, *options):
        """A sum, and its address."""
        server = self.start(REMOTE_SUM, 'serve', '--listen', ANY_PORT, *options)
        return server, server.address()

    def call(self, address, options, *words):
        return self.run_program(REMOTE_SUM, 'call', '--connect', address, *options, *words)

    def complaints_of(self, server):
        server.tell(signal.SIGTERM)
        return server.wait()[2]

    def test_a_sum(self):
        server, address = self.serve(*self.server)
        by_name = address.replace('127.0.0.1', 'localhost')
        self.assertEqual(self.call(address, self.client, 'add', '5'), (0, [], ''))
        self.assertEqual(self.call(by_name, self.client, 'add', '6'), (0, [], ''))
        self.assertEqual(self.call(address, self.client, 'show'), (0, ['11'], ''))
        self.assert_ends(server)

    def test_a_client_that_is_not_trusted(self):
        server, address = self.serve(*self.server)
        mine = [*self.stranger[:3], self.client[3]]
        self.assertEqual(self.call(address, mine, 'add', '5')[0], 1)
        self.assertEqual(self.call(address, [], 'add', '5')[0], 1)
        self.assertEqual(self.call(address, self.client, 'show'), (0, ['0'], ''))
        complaints = self.complaints_of(server)
        self.assertRegex(complaints, r'remote-sum: tcp:127\.0\.0\.1:\d+: ACTOR_E_UNTRUSTED')
        self.assertIn('ACTOR_E_HANDSHAKE', complaints)

    def test_a_server_that_is_not_trusted(self):
        server, address = self.serve(*self.stranger)
        status, lines, complaints = self.call(address, self.client, 'show')
        self.assertEqual((status, lines), (1, []))
        self.assertIn('the certificate of the other side: ', complaints)
        self.complaints_of(server)

    def test_a_server_of_another_name(self):
        server, address = self.serve(*self.client)
        status, lines, complaints = self.call(address, self.client, 'show')
        self.assertEqual((status, lines), (1, []))
        self.assertIn('is not for 127.0.0.1', complaints)
        self.complaints_of(server)

    def test_a_server_without_it(self):
        server, address = self.serve()
        status, lines, complaints = self.call(address, self.client, 'show')
        self.assertEqual((status, lines), (1, []))
        self.assertIn('no secure connection', complaints)
        self.complaints_of(server)

    def test_a_name(self):
        path = f'unix:{self.ours.folder}/socket'
        server = self.start(REMOTE_SUM, 'serve', '--listen', path, *self.server)
        server.address()
        named = [*self.client, '--tls-name']
        self.assertEqual(self.call(path, [*named, 'localhost'], 'add', '5'), (0, [], ''))
        status, lines, complaints = self.call(path, [*named, 'other.example'], 'add', '5')
        self.assertEqual((status, lines), (1, []))
        self.assertIn('is not for other.example', complaints)
        status, lines, complaints = self.call(path, self.client, 'add', '5')
        self.assertEqual((status, lines), (1, []))
        self.assertIn(f'remote-sum: {path}: ACTOR_E_INVALID: ', complaints)
        self.assertIn(': no name that its certificate could be for', complaints)
        self.assertEqual(complaints.count(path), 1)
        self.assertEqual(self.call(path, named + ['localhost'], 'show'), (0, ['5'], ''))
        server.tell(signal.SIGTERM)
        server.wait()

    def test_a_board_by_a_name(self):
        board = f'unix:{self.ours.folder}/board'
        server = self.start(PUBSUB, 'serve', '--listen', board, *self.server)
        server.address()
        publish = PUBSUB, 'publish', '--connect', board, *self.client
        self.assertEqual(self.run_program(*publish, '--tls-name', 'localhost', 'one')[0], 0)
        self.assertEqual(self.run_program(*publish, 'one')[0], 1)
        self.assert_ends(server)

    def test_a_relay_by_a_name(self):
        path = f'unix:{self.ours.folder}/sum'
        server = self.start(REMOTE_SUM, 'serve', '--listen', path, *self.server)
        server.address()
        relay = self.start(RELAY, '--listen', ANY_PORT, '--to', path, '--service', 'remotes::Show',
                           *self.server, '--tls-name', 'localhost')
        self.assertEqual(self.call(relay.address(), self.client, 'show'), (0, ['0'], ''))
        self.assert_ends(relay)
        self.assert_ends(server)

    def test_new_files(self):
        """Read by a server that goes on, for connections to come."""
        mine = self.ours.give('renewed', 'IP:127.0.0.1')
        board = self.start(PUBSUB, 'serve', '--listen', ANY_PORT, *mine)
        address = board.address()
        reader = self.start(PUBSUB, 'subscribe', '--connect', address, *self.client,
                            '--count', '2')
        reader.address('subscribed')
        publish = PUBSUB, 'publish', '--connect', address, *self.client
        self.assertEqual(self.run_program(*publish, 'one')[0], 0)
        self.ours.give('renewed', 'DNS:other.example')
        board.tell(signal.SIGHUP)
        self.assertEqual(board.address('reloaded'), str(mine[1]))
        status, lines, complaints = self.run_program(*publish, 'two')
        self.assertEqual((status, lines), (1, []))
        self.assertIn('is not for 127.0.0.1', complaints)
        self.assertEqual(self.run_program(*publish, '--tls-name', 'other.example', 'two')[0], 0)
        self.assertEqual(reader.wait(), (0, ['one', 'two'], ''))
        self.complaints_of(board)

    def test_new_files_that_are_wrong(self):
        mine = self.ours.give('wrong', 'IP:127.0.0.1')
        server, address = self.serve(*mine)
        mine[1].write_text('nothing')
        server.tell(signal.SIGHUP)
        self.assertEqual(self.call(address, self.client, 'show'), (0, ['0'], ''))
        self.assertIn(f'remote-sum: {mine[1]}: no certificate', self.complaints_of(server))

    def test_a_relay(self):
        server, address = self.serve(*self.server)
        relay = self.start(RELAY, '--listen', ANY_PORT, '--to', address, '--service',
                           'remotes::Add', '--service', 'remotes::Show', *self.server)
        through = relay.address()
        self.assertEqual(self.call(through, self.client, 'add', '7'), (0, [], ''))
        self.assertEqual(self.call(through, self.client, 'show'), (0, ['7'], ''))
        self.assert_ends(relay)
        self.assert_ends(server)

    def test_a_board(self):
        server = self.start(PUBSUB, 'serve', '--listen', ANY_PORT, *self.server)
        board = server.address()
        reader = self.start(PUBSUB, 'subscribe', '--connect', board, '--count', '2', *self.client)
        reader.address('subscribed')
        publish = PUBSUB, 'publish', '--connect', board, *self.client
        self.assertEqual(self.run_program(*publish, 'one'), (0, ['1 subscribed'], ''))
        self.assertEqual(self.run_program(*publish, 'two')[0], 0)
        self.assertEqual(reader.wait(), (0, ['one', 'two'], ''))
        self.assert_ends(server)

    def test_command_lines(self):
        _, certificate, key, authorities = self.server
        for files in [certificate], [certificate, key], [certificate, key, '/nowhere']:
            status, lines, complaints = self.run_program(REMOTE_SUM, 'serve', '--listen', ANY_PORT,
                                                         '--tls', *files)
            self.assertEqual((status, lines), (2, []))
            self.assertIn('--help', complaints)
        self.assertIn('/nowhere: No such file', complaints)
        for program in ([REMOTE_SUM, 'call', '--connect', 'unix:/x', 'show'],
                        [PUBSUB, 'publish', '--connect', 'unix:/x', 'text'],
                        [RELAY, '--listen', ANY_PORT, '--to', 'unix:/x', '--service', 'a::B']):
            status, lines, complaints = self.run_program(*program[:-1], '--tls-name', 'x',
                                                         program[-1])
            self.assertEqual(status, 2, program)
        for program in REMOTE_SUM, PUBSUB:
            status, lines, complaints = self.run_program(program, 'serve', '--listen', ANY_PORT,
                                                         *self.server, '--tls-name', 'x')
            self.assertEqual(status, 2, program)

    # ---- OpenSSL's own client

    def s_client(self, address, *words):
        return openssl('s_client', '-connect', address.split(':', 1)[1], *words)

    def test_another_client(self):
        server, address = self.serve(*self.server)
        _, certificate, key, authorities = self.client
        done = self.s_client(address, '-CAfile', authorities, '-cert', certificate, '-key', key,
                             '-verify_return_error', '-verify_ip', '127.0.0.1')
        self.assertIn('TLSv1.3', done.stdout)
        self.assertIn('Verify return code: 0 (ok)', done.stdout)
        self.assertNotIn('New Session Ticket arrived', done.stdout)
        self.assert_ends(server)

    def test_an_older_client(self):
        server, address = self.serve(*self.server)
        done = self.s_client(address, '-tls1_2')
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('alert protocol version', done.stdout)
        self.assertIn('ACTOR_E_HANDSHAKE', self.complaints_of(server))

    def test_a_weak_key(self):
        """Is not trusted, whatever OpenSSL is told to be content with."""
        lax = self.ours.file('lax', 'cnf')
        lax.write_text('openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n'
                       '[c]\nCipherString = DEFAULT@SECLEVEL=0\n')
        server = self.start('env', f'OPENSSL_CONF={lax}', REMOTE_SUM, 'serve', '--listen', ANY_PORT,
                            *self.server)
        address = server.address()
        _, certificate, key, _ = self.ours.give('weak', 'DNS:weak.example', key=['rsa:1024'])
        self.s_client(address, '-cert', certificate, '-key', key, '-cipher', 'DEFAULT@SECLEVEL=0')
        self.assertIn('key too weak', self.complaints_of(server))

    def test_a_client_without_a_certificate(self):
        server, address = self.serve(*self.server)
        self.s_client(address)
        self.assertIn('the other side has no certificate', self.complaints_of(server))


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
