#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs of actor-remote, and what becomes of them when others stop, die and come back.

    remote-test.py REMOTE_SUM RELAY PUBSUB
"""

import os
import pathlib
import resource
import signal
import subprocess
import sys
import time
import unittest

from remote_programs import PATIENCE, ProgramTest

REMOTE_SUM, RELAY, PUBSUB = sys.argv[1:4]
ANY_PORT = 'tcp:127.0.0.1:0'


def eventually(condition):
    """Until it holds; for what cannot be waited for."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError('it has never come to that')
        time.sleep(0.01)


def has_unread(address):
    """Whether something has been sent there that nobody has read yet."""
    port = int(address.rsplit(':', 1)[1])
    for line in pathlib.Path('/proc/net/tcp').read_text().splitlines()[1:]:
        _, local, _, state, queues, *_ = line.split()
        if int(local.split(':')[1], 16) == port and state == '01':
            if int(queues.split(':')[1], 16) > 0:
                return True
    return False


class RemoteTest(ProgramTest):
    def serve(self, listen=ANY_PORT, *options):
        """A sum, and its address."""
        server = self.start(REMOTE_SUM, 'serve', '--listen', listen, *options)
        return server, server.address()

    def call(self, address, *words):
        return self.run_program(REMOTE_SUM, 'call', '--connect', address, *words)

    def assert_sum(self, address, value):
        self.assertEqual(self.call(address, 'show'), (0, [str(value)], ''))

    def assert_done(self, address, *words):
        self.assertEqual(self.call(address, *words), (0, [], ''))

    def relay(self, *targets, services=('Add', 'Sub', 'Show')):
        """A relay, and its address."""
        options = [option for target in targets for option in ('--to', target)]
        for service in services:
            options += ['--service', f'remotes::{service}']
        relay = self.start(RELAY, '--listen', ANY_PORT, *options)
        return relay, relay.address()


class CommandLines(RemoteTest):
    def assert_usage(self, *command):
        status, lines, complaints = self.run_program(*command)
        self.assertEqual((status, lines), (2, []))
        self.assertIn('--help', complaints)

    def test_help(self):
        for program in REMOTE_SUM, RELAY, PUBSUB:
            status, lines, complaints = self.run_program(program, '--help')
            self.assertEqual((status, complaints), (0, ''))
            self.assertTrue(lines[0].startswith('Usage: ' + pathlib.Path(program).name + ' '))

    def test_remote_sum(self):
        self.assert_usage(REMOTE_SUM)
        self.assert_usage(REMOTE_SUM, 'sing')
        self.assert_usage(REMOTE_SUM, 'serve')
        self.assert_usage(REMOTE_SUM, 'serve', '--listen', ANY_PORT, 'show')
        self.assert_usage(REMOTE_SUM, 'serve', '--listen', ANY_PORT, '--permits', '0')
        self.assert_usage(REMOTE_SUM, 'serve', '--listen', ANY_PORT, '--max-frame', '23')
        self.assert_usage(REMOTE_SUM, 'serve', '--listen')
        self.assert_usage(REMOTE_SUM, 'call', 'show')
        self.assert_usage(REMOTE_SUM, 'call', '--connect', ANY_PORT)
        self.assert_usage(REMOTE_SUM, 'call', '--connect', ANY_PORT, 'add')
        self.assert_usage(REMOTE_SUM, 'call', '--connect', ANY_PORT, 'add', '1x')
        self.assert_usage(REMOTE_SUM, 'call', '--connect', ANY_PORT, 'add', str(1 << 63))
        self.assert_usage(REMOTE_SUM, 'call', '--connect', ANY_PORT, 'show', '1')
        self.assert_usage(REMOTE_SUM, 'call', '--connect', ANY_PORT, '--permits', '1', 'show')

    def test_relay(self):
        self.assert_usage(RELAY)
        self.assert_usage(RELAY, '--listen', ANY_PORT, '--to', ANY_PORT)
        self.assert_usage(RELAY, '--listen', ANY_PORT, '--service', 'a::B')
        self.assert_usage(RELAY, '--to', ANY_PORT, '--service', 'a::B')
        for service in 'a', 'a:B', '::B', 'a::':
            self.assert_usage(RELAY, '--listen', ANY_PORT, '--to', ANY_PORT, '--service', service)
        passes_on = RELAY, '--listen', ANY_PORT, '--service', 'a::B'
        self.assert_usage(*passes_on, '--to', ANY_PORT, '--service', 'a::B')
        self.assert_usage(*passes_on, *('--to', ANY_PORT) * 17)

    def test_pubsub(self):
        self.assert_usage(PUBSUB)
        self.assert_usage(PUBSUB, 'serve')
        self.assert_usage(PUBSUB, 'serve', '--listen', ANY_PORT, 'text')
        self.assert_usage(PUBSUB, 'publish', '--connect', ANY_PORT)
        self.assert_usage(PUBSUB, 'subscribe', '--connect', ANY_PORT, '--count', '0')
        self.assert_usage(PUBSUB, 'publish', '--connect', ANY_PORT, '--count', '1', 'text')


class Output(RemoteTest):
    """Where it goes is not always there, or has no room."""

    def run_into(self, path, *command):
        """Its exit status and its complaints; without a path it has nothing to print to."""
        shell = f'exec "$@" > {path}' if path else 'exec "$@" >&-'
        done = subprocess.run(['sh', '-c', shell, 'sh', *command], stderr=subprocess.PIPE,
                              text=True, timeout=PATIENCE, check=False)
        return done.returncode, done.stderr

    def assert_told(self, *command):
        for path, error in ('/dev/full', 'No space left on device'), (None, 'Bad file descriptor'):
            status, complaints = self.run_into(path, *command)
            self.assertEqual(status, 1)
            self.assertIn(': stdout: ' + error, complaints)

    def test_an_answer(self):
        server, address = self.serve()
        call = REMOTE_SUM, 'call', '--connect', address
        self.assert_told(*call, 'show')
        for path in '/dev/full', None:  # nothing to print
            self.assertEqual(self.run_into(path, *call, 'add', '1'), (0, ''))
        self.assert_sum(address, 2)
        self.assert_ends(server)

    def test_help(self):
        for program in REMOTE_SUM, RELAY, PUBSUB:
            self.assert_told(program, '--help')

    def test_texts(self):
        server = self.start(PUBSUB, 'serve', '--listen', ANY_PORT)
        board = server.address()
        self.assert_told(PUBSUB, 'publish', '--connect', board, 'text')
        reader = self.start('sh', '-c', 'exec "$@" > /dev/full', 'sh',
                            PUBSUB, 'subscribe', '--connect', board)
        eventually(lambda: reader.errors)  # that it has subscribed could not be printed
        publish = [PUBSUB, 'publish', '--connect', board, 'text']
        eventually(lambda: self.run_program(*publish) and reader.process.poll() is not None)
        self.assert_fails(reader.wait(), 'ACTOR_E_SYSTEM')
        self.assert_ends(server)


class Sum(RemoteTest):
    def test_answers(self):
        server, address = self.serve()
        self.assertRegex(address, r'^tcp:127\.0\.0\.1:[1-9][0-9]*$')
        self.assert_sum(address, 0)
        self.assert_done(address, 'add', '5')
        self.assert_done(address, 'add', '1000')
        self.assert_done(address, 'sub', '7')
        self.assert_done(address, 'add', '-1')
        self.assert_sum(address, 997)
        self.assert_ends(server)

    def test_the_largest_numbers(self):
        server, address = self.serve()
        self.assert_done(address, 'sub', str((1 << 63) - 1))
        self.assert_done(address, 'add', '-1')
        self.assert_sum(address, -(1 << 63))
        self.assert_ends(server)

    def test_what_the_server_cannot_do_is_not_explained(self):
        server, address = self.serve()  # E-22
        self.assert_done(address, 'add', str((1 << 63) - 1))
        self.assert_fails(self.call(address, 'add', '1'), 'ACTOR_E_REMOTE_FAILED')
        self.assert_sum(address, (1 << 63) - 1)
        self.assert_ends(server)

    def test_unix_sockets(self):
        path = os.path.join(self.folder(), 'sum')
        server, address = self.serve('unix:' + path)
        self.assertEqual(address, 'unix:' + path)
        self.assert_done(address, 'add', '3')
        self.assert_sum(address, 3)
        self.assert_ends(server)
        self.assertFalse(os.path.exists(path))

    def test_any_signal_ends_it(self):
        for number in signal.SIGINT, signal.SIGTERM:
            server, _ = self.serve()
            self.assert_ends(server, number)

    def test_two_servers(self):
        (one, to_one), (two, to_two) = self.serve(), self.serve()
        self.assert_done(to_one, 'add', '1')
        self.assert_done(to_two, 'add', '2')
        self.assert_sum(to_one, 1)
        self.assert_sum(to_two, 2)
        self.assert_ends(one)
        self.assert_ends(two)

    def test_many_clients_at_once(self):
        server, address = self.serve(ANY_PORT, '--permits', '1')
        clients = [self.start(REMOTE_SUM, 'call', '--connect', address, 'add', str(i))
                   for i in range(10)]
        for client in clients:
            self.assertEqual(client.wait(), (0, [], ''))
        self.assert_sum(address, 45)
        self.assert_ends(server)

    def test_nobody_there(self):
        server, address = self.serve()
        self.assert_ends(server)
        done = self.call(address, 'show')
        self.assert_fails(done, 'ACTOR_E_SYSTEM')
        self.assertEqual(done[2].count('Connection refused'), 1)
        self.assert_fails(self.call('unix:' + self.folder() + '/none', 'show'), 'ACTOR_E_SYSTEM')

    def test_no_address(self):
        for address in 'tcp:', 'tcp:127.0.0.1', 'tcp:127.0.0.1:x', 'unix:', '127.0.0.1:1', '':
            self.assert_fails(self.call(address, 'show'), 'ACTOR_E_INVALID')
            self.assert_fails(self.run_program(REMOTE_SUM, 'serve', '--listen', address),
                              'ACTOR_E_INVALID')

    def test_an_address_in_use(self):
        path = 'unix:' + self.folder() + '/sum'
        for listen in ANY_PORT, path:
            server, address = self.serve(listen)
            done = self.run_program(REMOTE_SUM, 'serve', '--listen', address)
            self.assert_fails(done, 'ACTOR_E_SYSTEM')
            self.assertIn('Address already in use', done[2])
            self.assert_sum(address, 0)
            self.assert_ends(server)

    def test_a_service_that_is_not_there(self):
        server = self.start(PUBSUB, 'serve', '--listen', ANY_PORT)  # P-28
        self.assert_fails(self.call(server.address(), 'show'), 'ACTOR_E_REMOTE_UNKNOWN_SERVICE')
        self.assert_ends(server)

    def test_a_frame_that_is_too_long(self):
        server, address = self.serve(ANY_PORT, '--max-frame', '25')  # SZ-01, SZ-06, E-15
        self.assert_done(address, 'add', '5')
        status, _, complaints = self.call(address, 'add', '500')
        self.assertEqual(status, 1)
        self.assertRegex(complaints, 'ACTOR_E_(DISCONNECTED|REMOTE_PROTOCOL)')
        self.assert_sum(address, 5)
        server.tell(signal.SIGTERM)
        status, _, complaints = server.wait()
        self.assertEqual(status, 0)
        self.assertIn('ACTOR_E_TOO_BIG', complaints)

    def test_a_server_that_is_killed(self):
        server, address = self.serve()  # PC-03
        server.tell(signal.SIGSTOP)
        client = self.start(REMOTE_SUM, 'call', '--connect', address, 'show')
        eventually(lambda: has_unread(address))
        server.tell(signal.SIGKILL)
        self.assert_fails(client.wait(), 'ACTOR_E_DISCONNECTED')

    def test_a_server_that_comes_back(self):
        folder = self.folder()
        for listen in ANY_PORT, f'unix:{folder}/sum':
            server, address = self.serve(listen)
            self.assert_done(address, 'add', '1')
            server.tell(signal.SIGKILL)
            self.assertEqual(server.wait()[0], -signal.SIGKILL)
            server, again = self.serve(address)
            self.assertEqual(again, address)
            self.assert_sum(address, 0)
            self.assert_ends(server)


class Memory(RemoteTest):
    def test_a_server_without_a_stack_for_its_reception_ends(self):
        # From limits below which nothing starts to those with which all does: a stack is in between.
        program = pathlib.Path(REMOTE_SUM).read_bytes()
        if b'__asan_init' in program or b'__tsan_init' in program:
            self.skipTest('sanitizers need memory of their own')
        servers = []
        for n_bytes in range(1 << 20, 6 << 20, 512 << 10):
            def limit(n_bytes=n_bytes):
                resource.setrlimit(resource.RLIMIT_STACK, (1 << 20, 1 << 20))
                resource.setrlimit(resource.RLIMIT_DATA, (n_bytes, n_bytes))

            servers.append(subprocess.Popen([REMOTE_SUM, 'serve', '--listen', ANY_PORT], text=True,
                                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                            stderr=subprocess.PIPE, preexec_fn=limit))
        for server in servers:
            self.addCleanup(server.kill)
        failed = 'who receives connections has failed: cannot be run: there is no memory for a stack'
        said = ''
        for server in servers:  # those with less end by themselves, before those with more
            if failed in said:
                server.terminate()
            out, complaints = server.communicate(timeout=PATIENCE)
            self.assertIn(server.returncode, (0, 1, -signal.SIGTERM), complaints)
            if server.returncode == 1:
                self.assertTrue(complaints.startswith('remote-sum: '), complaints)
            if failed in complaints:
                self.assertTrue(out.startswith('listening '), out)
                self.assertEqual(server.returncode, 1)
            said += complaints
        self.assertIn(failed, said)


class Relays(RemoteTest):
    def test_one_target(self):
        server, target = self.serve()
        relay, address = self.relay(target)
        self.assert_done(address, 'add', '5')
        self.assert_sum(address, 5)
        self.assert_sum(target, 5)
        self.assert_ends(relay)
        self.assert_sum(target, 5)
        self.assert_ends(server)

    def test_what_is_not_listed(self):
        server, target = self.serve()  # RM-07
        relay, address = self.relay(target, services=['Show'])
        self.assert_sum(address, 0)
        self.assert_fails(self.call(address, 'add', '1'), 'ACTOR_E_REMOTE_UNKNOWN_SERVICE')
        self.assert_sum(address, 0)
        self.assert_ends(relay)
        self.assert_ends(server)

    def test_an_error_of_the_target(self):
        server, target = self.serve()  # RM-05
        relay, address = self.relay(target)
        self.assert_done(address, 'add', str((1 << 63) - 1))
        self.assert_fails(self.call(address, 'add', '1'), 'ACTOR_E_REMOTE_FAILED')
        self.assert_ends(relay)
        self.assert_ends(server)

    def test_two_targets_get_as_much(self):
        (one, to_one), (two, to_two) = self.serve(), self.serve()  # RM-09
        relay, address = self.relay(to_one, to_two)
        for _ in range(6):
            self.assert_done(address, 'add', '1')
        self.assert_sum(to_one, 3)
        self.assert_sum(to_two, 3)
        self.assert_ends(relay)
        self.assert_ends(one)
        self.assert_ends(two)

    def test_relays_of_relays(self):
        server, target = self.serve()  # RM-08
        relays = []
        for _ in range(3):
            relay, target = self.relay(target)
            relays.append(relay)
        self.assert_done(target, 'add', '5')
        self.assert_sum(target, 5)
        for relay in reversed(relays):
            self.assert_ends(relay)
        self.assert_ends(server)

    def test_no_target(self):
        server, target = self.serve()
        self.assert_ends(server)
        self.assert_fails(self.run_program(RELAY, '--listen', ANY_PORT, '--to', target,
                                           '--service', 'remotes::Add'), 'ACTOR_E_SYSTEM')

    def test_a_target_that_dies(self):
        server, target = self.serve()  # RM-06
        relay, address = self.relay(target)
        server.tell(signal.SIGSTOP)
        caller = self.start(REMOTE_SUM, 'call', '--connect', address, 'add', '1')
        eventually(lambda: has_unread(target))
        server.tell(signal.SIGKILL)
        self.assert_fails(caller.wait(), 'ACTOR_E_REMOTE_FAILED')
        self.assert_fails(self.call(address, 'show'), 'ACTOR_E_REMOTE_FAILED')
        server, _ = self.serve(target)  # the relay connects again
        eventually(lambda: self.call(address, 'add', '7')[0] == 0)
        self.assert_sum(target, 7)
        relay.tell(signal.SIGTERM)
        self.assertEqual(relay.wait()[0], 0)
        self.assert_ends(server)

    def test_one_of_two_targets_dies(self):
        (one, to_one), (two, to_two) = self.serve(), self.serve()
        relay, address = self.relay(to_one, to_two)
        one.tell(signal.SIGKILL)
        one.wait()
        n_added = 0

        def two_in_a_row():
            nonlocal n_added
            added = [self.call(address, 'add', '1')[0] == 0 for _ in range(2)]
            n_added += sum(added)
            return all(added)

        eventually(two_in_a_row)
        self.assert_sum(to_two, n_added)
        relay.tell(signal.SIGTERM)
        self.assertEqual(relay.wait()[0], 0)
        self.assert_ends(two)

    def test_it_can_be_ended_while_it_looks_for_a_target(self):
        server, target = self.serve()
        relay, address = self.relay(target)
        server.tell(signal.SIGKILL)
        server.wait()
        eventually(lambda: relay.errors)
        self.assert_fails(self.call(address, 'show'), 'ACTOR_E_REMOTE_FAILED')
        relay.tell(signal.SIGTERM)
        status, _, complaints = relay.wait()
        self.assertEqual(status, 0)
        self.assertIn(target, complaints)


class PubSub(RemoteTest):
    def setUp(self):
        self.server = self.start(PUBSUB, 'serve', '--listen', ANY_PORT)
        self.board = self.server.address()

    def publish(self, *texts):
        return self.run_program(PUBSUB, 'publish', '--connect', self.board, *texts)

    def subscribe(self, *options):
        reader = self.start(PUBSUB, 'subscribe', '--connect', self.board, *options)
        self.assertEqual(reader.address('subscribed'), self.board)
        return reader

    def assert_published(self, n_readers, *texts):
        self.assertEqual(self.publish(*texts), (0, [f'{n_readers} subscribed'], ''))

    def publish_last(self, text):
        """After which those who have enough leave, and are counted or not."""
        status, _, complaints = self.publish(text)
        self.assertEqual((status, complaints), (0, ''))

    def test_nobody_reads(self):
        self.assert_published(0, 'one', 'two')  # PS-11
        self.assert_ends(self.server)

    def test_one_reads(self):
        self.assert_published(0, 'too early')  # PS-08
        reader = self.subscribe('--count', '4')
        self.assert_published(1, 'one', 'zwei \u2713', '')
        self.publish_last('the end')
        self.assertEqual(reader.wait(), (0, ['one', 'zwei \u2713', '', 'the end'], ''))
        self.assert_ends(self.server)

    def test_three_read(self):
        texts = [f'text {i}' for i in range(100)]  # in order, to each
        readers = [self.subscribe('--count', '101') for _ in range(3)]
        self.assert_published(3, *texts)
        self.publish_last('the end')
        for reader in readers:
            self.assertEqual(reader.wait(), (0, texts + ['the end'], ''))
        self.assert_ends(self.server)

    def test_who_has_gone_is_counted_no_more(self):
        stays, goes = self.subscribe(), self.subscribe()  # PS-10
        goes.tell(signal.SIGKILL)
        goes.wait()
        eventually(lambda: self.publish('text') == (0, ['1 subscribed'], ''))
        self.assertEqual(stays.line(), 'text')
        self.server.tell(signal.SIGTERM)
        self.assertEqual(self.server.wait()[0], 0)

    def test_what_is_no_text(self):
        status, _, complaints = self.publish(b'\xff'.decode('utf-8', 'surrogateescape'))
        self.assertEqual(status, 1)
        self.assertIn('ACTOR_E_ENCODE', complaints)
        self.assert_ends(self.server)

    def test_what_is_no_line(self):
        reader = self.subscribe('--count', '1')
        self.publish_last('a\nb\x1b[2J\tc')
        self.assertEqual(reader.wait(), (0, ['a?b?[2J?c'], ''))
        self.assert_ends(self.server)

    def test_the_server_ends(self):
        reader = self.subscribe()
        self.assert_ends(self.server)
        self.assert_fails(reader.wait(), 'ACTOR_E_DISCONNECTED')

    def test_the_server_is_killed(self):
        reader = self.subscribe()
        self.server.tell(signal.SIGKILL)
        self.assert_fails(reader.wait(), 'ACTOR_E_DISCONNECTED')
        self.assert_fails(self.publish('text'), 'ACTOR_E_SYSTEM')

    def test_others_have_no_board(self):
        server, address = self.serve()
        self.board = address
        self.assert_fails(self.publish('text'), 'ACTOR_E_REMOTE_UNKNOWN_SERVICE')
        self.assert_fails(self.run_program(PUBSUB, 'subscribe', '--connect', address),
                          'ACTOR_E_REMOTE_UNKNOWN_SERVICE')
        self.assert_ends(server)
        self.assert_ends(self.server)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
