#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The programs of actor-remote against a client and a server that were written by hand in Python,
after actor-remote/PROTOCOL.md alone; once for each thing that one side may do to the other.

    interop.py REMOTE_SUM RELAY PUBSUB [unittest's arguments]

Skipped without cbor2 (python3-cbor2).
"""

import pathlib
import random
import sys
import time
import unittest

try:
    import cbor2
except ImportError:
    print('skipped: there is no cbor2')
    sys.exit(77)

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / 'examples'))
from by_hand import (ERROR, HEAD, RESPONSE, Connection, Listener, connect, error, frame, inner,
                     raw_frame, service_id, xxh64)
from remote_programs import PATIENCE, ProgramTest

REMOTE_SUM, RELAY, PUBSUB = sys.argv[1:4]
ADD, SUB, SHOW = (service_id('remotes', name) for name in ('Add', 'Sub', 'Show'))
ANY_PORT = 'tcp:127.0.0.1:0'
LARGEST = (1 << 63) - 1


def some_calls(order):
    """A thousand different ids."""
    calls = [order.randrange(1, 1 << 64) for _ in range(1000)]
    assert len(set(calls)) == 1000
    return calls


class Ids(unittest.TestCase):
    def test_xxh64(self):
        self.assertEqual(xxh64(b''), 0xef46db3751d8e999)  # W-13
        self.assertEqual(xxh64(bytes([1, 2, 3])), 0x743e13ee0c4ee5a5)

    def test_services(self):
        self.assertEqual(ADD, 0x6440cfd17c374646)  # W-11, W-12
        self.assertEqual(SUB, 0xfb47ad8f2083c565)
        self.assertEqual(SHOW, 0xcdd3781867767588)
        self.assertEqual(service_id('my_fancy_app_com', 'Add'), 0xab6220ce656e3670)


class Served(ProgramTest):
    """Our server, and a client by hand."""

    def listen(self):
        return ANY_PORT

    def setUp(self):
        self.server = self.start(REMOTE_SUM, 'serve', '--listen', self.listen(),
                                 '--max-frame', '4096')
        self.address = self.server.address()
        self.client = self.connect()

    def connect(self):
        connection = connect(self.address)
        self.addCleanup(connection.close)
        return connection

    def assert_next(self, service, call, value):
        self.assertEqual(self.client.frame(), (service, call, value))

    def assert_sum(self, value, client=None):
        client = client or self.client
        client.send(frame(SHOW, 4711, None))
        self.assertEqual(client.frame(), (RESPONSE, 4711, value))

    def assert_others_are_served(self, value=0):
        self.assert_sum(value, self.connect())

    def assert_closed(self):
        """What was sent are no frames: that is said, and it closes."""
        service, call, value = self.client.frame()  # E-15, W-25, SZ-06
        self.assertEqual((service, call), (ERROR, 0))
        self.assertEqual(list(value), ['DeserializeWireFormat'])
        self.assertEqual(list(value['DeserializeWireFormat']), ['context'])
        self.assertIsInstance(value['DeserializeWireFormat']['context'], str)
        self.assertIsNone(self.client.frame())
        self.assert_others_are_served()

    # calls and sends

    def test_calls_byte_by_byte(self):
        self.client.send(bytes.fromhex('1900000000000000 4646377cd1cf4064 0100000000000000 05'))
        self.assertEqual(self.client.raw_frame().hex(' ', -8),
                         '1900000000000000 ffffffffffffffff 0100000000000000 f6')
        self.client.send(bytes.fromhex('1900000000000000 887576671878d3cd 0200000000000000 f6'))
        self.assertEqual(self.client.raw_frame().hex(' ', -8),
                         '1900000000000000 ffffffffffffffff 0200000000000000 05')

    def test_sends_are_not_answered(self):
        self.client.send(frame(ADD, 0, 5), frame(SUB, 0, 7))  # W-05
        self.assert_sum(-2)  # the same sender's, to the same actor: in order

    def test_any_integer_of_64_bits(self):
        for n, value in (LARGEST, LARGEST), (-LARGEST, 0), (-LARGEST, -LARGEST), (-1, -LARGEST - 1):
            self.client.send(frame(ADD, 1, n))  # X-01
            self.assert_next(RESPONSE, 1, None)
            self.assert_sum(value)

    def test_integers_that_are_longer_than_they_need_be(self):
        for payload in ('05', '1805', '190005', '1a00000005', '1b0000000000000005', 'c105',
                        'c1' * 100 + '05'):
            self.client.send(raw_frame(ADD, 1, bytes.fromhex(payload)))  # X-18, X-22: tags
            self.assert_next(RESPONSE, 1, None)
        self.assert_sum(35)

    def test_units(self):
        for payload in 'f6', 'f7':
            self.client.send(raw_frame(SHOW, 1, bytes.fromhex(payload)))  # X-19
            self.assert_next(RESPONSE, 1, 0)

    def test_any_id_of_a_call(self):
        for call in 1, 2, 255, 1 << 32, (1 << 64) - 1:
            self.client.send(frame(SHOW, call, None))  # W-20
            self.assert_next(RESPONSE, call, 0)

    def test_a_byte_at_a_time(self):
        for byte in frame(ADD, 1, 1000) + frame(SHOW, 2, None):
            self.client.send(bytes([byte]))  # W-23
        self.assert_next(RESPONSE, 1, None)
        self.assert_next(RESPONSE, 2, 1000)

    def test_a_thousand_at_once(self):
        calls = some_calls(random.Random(1))
        self.client.send(*(frame(ADD, call, i) for i, call in enumerate(calls)))
        answers = [self.client.frame() for _ in calls]
        self.assertEqual({answer[::2] for answer in answers}, {(RESPONSE, None)})
        self.assertEqual(sorted(call for _, call, _ in answers), sorted(calls))
        self.assert_sum(sum(range(1000)))

    def test_many_connections(self):
        clients = [self.connect() for _ in range(100)]
        for client in clients:
            client.send(frame(ADD, 7, 1))
        for client in clients:
            self.assertEqual(client.frame(), (RESPONSE, 7, None))
        self.assert_sum(100)

    # errors, after which the connection stays

    def assert_stays(self, value=0):
        self.assert_sum(value)
        self.client.close()
        self.assert_ends(self.server)

    def test_unknown_service(self):
        for service in 1, service_id('others', 'Add'), RESPONSE - 1:
            self.client.send(frame(service, 7, 5))  # P-28
            self.assert_next(ERROR, 7, error('UnknownService', sid=service, cid=7))
        self.assert_stays()

    def test_unknown_service_byte_by_byte(self):
        self.client.send(frame(1, 7, None))
        self.assertEqual(self.client.raw_frame().hex(),
                         '490000000000000000000000000000000700000000000000'
                         'a16e556e6b6e6f776e53657276696365'
                         'a263736964a165696e6e6572a162696401'
                         '63636964a165696e6e6572a162696407')

    def test_unknown_service_of_a_send(self):
        self.client.send(frame(1, 0, 5))  # P-27: the sender is not told
        self.assert_stays()

    def test_payloads_that_are_not_what_is_expected(self):
        for payload in ('', '0303', '0102030405', '6161', 'f6', 'f93c00', '80', 'a0', '18', 'ff',
                        '1b8000000000000000', '3b8000000000000000', 'fe', '1c',
                        '81' * 200 + '00', '9f' * 2000, 'c1' * 2000):
            self.client.send(raw_frame(ADD, 9, bytes.fromhex(payload)))  # E-05, X-15 to X-22
            self.assert_next(ERROR, 9, error('Deserialize', sid=ADD, cid=9))
        self.assert_stays()

    def test_payloads_of_sends_that_are_not_what_is_expected(self):
        self.client.send(raw_frame(ADD, 0, b''), frame(ADD, 0, 'text'))  # E-24
        self.assert_stays()

    def test_who_cannot_answer(self):
        self.client.send(frame(ADD, 1, LARGEST), frame(ADD, 2, 1))  # E-08, E-22
        self.assert_next(RESPONSE, 1, None)
        self.assert_next(ERROR, 2, error('InternalServerError', sid=ADD, cid=2))
        self.assert_stays(LARGEST)

    def test_answers_that_nobody_waits_for(self):
        self.client.send(frame(RESPONSE, 99, 5), raw_frame(RESPONSE, 0, b'\xff'),
                         frame(ERROR, 99, error('Timeout', sid=ADD)),  # P-29, P-18
                         frame(ERROR, 0, error('UnknownService', sid=None, cid=None)),
                         raw_frame(ERROR, 5, b'\xff'), raw_frame(ERROR, 0, b''))  # P-20
        self.assert_stays()

    # what are no frames, after which it does not

    def test_a_length_that_is_too_small(self):
        for length in 0, 1, 7, 8, 23:
            self.client = self.connect()
            self.client.send(HEAD.pack(length, ADD, 1))  # W-25
            self.assert_closed()

    def test_a_length_that_is_too_large(self):
        for length in 4097, 1 << 31, 1 << 32, 1 << 62, 1 << 63, (1 << 64) - 1:
            self.client = self.connect()
            self.client.send(HEAD.pack(length, ADD, 1)[:8])  # SZ-06: before the rest has come
            self.assert_closed()

    def test_a_length_that_is_just_allowed(self):
        self.client.send(raw_frame(ADD, 3, bytes(4096 - HEAD.size)))  # SZ-01
        self.assert_next(ERROR, 3, error('Deserialize', sid=ADD, cid=3))
        self.assert_sum(0)

    def test_garbage(self):
        for garbage in b'GET / HTTP/1.1\r\n\r\n', b'\xff' * 64, b'\x16\x03\x01' + b'x' * 61:
            self.client = self.connect()
            self.client.send(garbage)
            self.assert_closed()

    def test_random_bytes(self):
        noise = random.Random(2)
        for _ in range(50):
            client = self.connect()
            try:
                client.send(noise.randbytes(noise.randrange(1, 3000)))
                client.half_close()
                client.frames()
            except ConnectionError:
                pass  # it was not read to its end
        self.assert_others_are_served()

    def test_frames_with_one_wrong_bit(self):
        good = frame(SHOW, 1, None) + frame(SHOW, 2, None)
        for bit in range(8 * len(good)):
            bad = bytearray(good)
            bad[bit // 8] ^= 1 << bit % 8
            client = self.connect()
            try:
                client.send(bytes(bad))
                client.half_close()
                client.frames()
            except ConnectionError:
                pass
            client.close()
        self.assert_others_are_served()

    def test_what_was_right_before_is_served(self):
        self.client.send(frame(ADD, 1, 5), bytes(64))
        heads = [answer[:2] for answer in self.client.frames()]
        self.assertEqual(heads.count((ERROR, 0)), 1)
        self.assertLessEqual(set(heads), {(ERROR, 0), (RESPONSE, 1)})  # if there was time
        self.assert_others_are_served(5)

    # the end

    def test_half_close(self):
        self.client.send(frame(ADD, 0, 5))
        self.client.half_close()  # CC-06, CC-10
        self.assertEqual(self.client.frames(), [])
        self.assert_others_are_served(5)

    def test_the_end_within_a_frame(self):
        for n in range(1, 25):
            client = self.connect()
            client.send(frame(SHOW, 1, None)[:n])
            client.half_close()  # W-24
            self.assertEqual(client.frames(), [])
        self.client.close()
        for n in range(1, 25):
            client = self.connect()
            client.send(frame(SHOW, 1, None)[:n])
            client.reset()
        self.assert_others_are_served()

    def test_who_never_reads(self):
        calls = b''.join(frame(SHOW, call, None) for call in range(1, 2001))
        self.client.socket.settimeout(1)
        with self.assertRaises(TimeoutError):  # in the end it reads no more either
            for _ in range(1000):
                self.client.send(calls)
        self.assert_others_are_served()

    def test_the_server_ends(self):
        self.client.send(frame(ADD, 1, 5))
        self.assert_next(RESPONSE, 1, None)
        self.assert_ends(self.server)
        self.assertEqual(self.client.frames(), [])


class ServedByUnixSockets(Served):
    """The same."""

    def listen(self):
        return f'unix:{self.folder()}/sum'


class FewPermits(ProgramTest):
    """Our server, which sees to two calls at a time, and a client by hand."""

    def setUp(self):
        self.server = self.start(REMOTE_SUM, 'serve', '--listen', ANY_PORT, '--permits', '2')
        self.client = connect(self.server.address())
        self.addCleanup(self.client.close)

    def assert_all_served(self, *frames):
        """All of these are answered, and more after them."""
        self.client.send(*frames)
        answers = [self.client.frame() for _ in frames]
        self.client.send(frame(SHOW, 4711, None))
        self.assertEqual(self.client.frame()[:2], (RESPONSE, 4711))
        return answers

    def test_a_thousand_at_once(self):
        calls = some_calls(random.Random(4))
        answers = self.assert_all_served(*(frame(ADD, call, 1) for call in calls))
        self.assertEqual({answer[::2] for answer in answers}, {(RESPONSE, None)})
        self.assertEqual([call for _, call, _ in answers], calls)  # one after the other

    def test_sends_do_not_wait_for_permits(self):
        self.client.send(frame(ADD, 1, LARGEST) + frame(SHOW, 2, None) +  # they have the permits
                         frame(ADD, 3, 1) + frame(SUB, 0, 1))  # BP-06: the latter comes first
        answers = [self.client.frame() for _ in range(3)]
        self.assertEqual(answers[0], (RESPONSE, 1, None))
        self.assertEqual(answers[2], (RESPONSE, 3, None))  # as it was no more than the largest
        self.client.send(frame(SHOW, 4, None))
        self.assertEqual(self.client.frame(), (RESPONSE, 4, LARGEST))

    def test_permits_come_back_after_errors(self):
        self.client.send(frame(ADD, 1, LARGEST))
        self.assertEqual(self.client.frame(), (RESPONSE, 1, None))
        for service, payload, kind in ((ADD, b'', 'Deserialize'),  # BP-12
                                       (ADD, cbor2.dumps(1), 'InternalServerError'),
                                       (1, cbor2.dumps(1), 'UnknownService')):
            answers = self.assert_all_served(*(raw_frame(service, call, payload)
                                               for call in range(1, 101)))
            self.assertEqual(answers, [(ERROR, call, error(kind, sid=service, cid=call))
                                       for call in range(1, 101)])


class Calling(ProgramTest):
    """Our client, and a server by hand."""

    def setUp(self):
        self.listener = Listener()
        self.addCleanup(self.listener.close)

    def call(self, *words):
        """A client that calls, and its connection."""
        client = self.start(REMOTE_SUM, 'call', '--connect', self.listener.address, *words)
        server = self.listener.accept()
        self.addCleanup(server.close)
        return client, server

    def test_add_byte_by_byte(self):
        client, server = self.call('add', '5')
        self.assertEqual(server.raw_frame().hex(' ', -8),
                         '1900000000000000 4646377cd1cf4064 0100000000000000 05')
        server.send(bytes.fromhex('1900000000000000 ffffffffffffffff 0100000000000000 f6'))
        self.assertEqual(server.frames(), [])  # it closes
        server.close()
        self.assertEqual(client.wait(), (0, [], ''))

    def test_arguments(self):
        for word, service in ('add', ADD), ('sub', SUB):
            for n in 0, 23, 24, 1000, -1, LARGEST, -LARGEST - 1:
                client, server = self.call(word, str(n))
                self.assertEqual(server.raw_frame(), frame(service, 1, n))  # X-01: the shortest
                server.send(frame(RESPONSE, 1, None))
                server.close()
                self.assertEqual(client.wait(), (0, [], ''))

    def answered(self, *frames):
        """What becomes of a client to which this is sent after its call."""
        client, server = self.call('show')
        self.assertEqual(server.frame(), (SHOW, 1, None))
        server.send(*frames)
        return client, server

    def assert_answered(self, lines, *frames):
        client, server = self.answered(*frames)
        self.assertEqual(server.frames(), [])
        server.close()
        self.assertEqual(client.wait(), (0, lines, ''))

    def assert_refused(self, name, *frames):
        client, server = self.answered(*frames)
        self.assertEqual(server.frames(), [])
        server.close()
        self.assert_fails(client.wait(), name)

    def test_answers(self):
        for payload, value in (('0a', '10'), ('26', '-7'), ('1b000000000000000a', '10'),
                               ('1b7fffffffffffffff', str(LARGEST)), ('c10a', '10')):
            self.assert_answered([value], raw_frame(RESPONSE, 1, bytes.fromhex(payload)))

    def test_an_answer_byte_by_byte(self):
        client, server = self.answered()
        for byte in frame(RESPONSE, 1, 10):
            server.send(bytes([byte]))
        self.assertEqual(server.frames(), [])
        server.close()
        self.assertEqual(client.wait(), (0, ['10'], ''))

    def test_what_comes_between(self):
        self.assert_answered(['10'], frame(RESPONSE, 2, 11),  # P-29
                             frame(ERROR, 3, error('Timeout', sid=SHOW)),
                             frame(ERROR, 0, error('UnknownService', sid=SHOW, cid=None)),
                             frame(SHOW, 0, None), frame(RESPONSE, 1, 10), frame(RESPONSE, 1, 12))

    def test_a_call_to_the_caller(self):
        client, server = self.answered(frame(SHOW, 1, None))  # W-20, P-12
        self.assertEqual(server.frame(), (ERROR, 1, error('UnknownService', sid=SHOW, cid=1)))
        server.send(frame(RESPONSE, 1, 10))
        self.assertEqual(server.frames(), [])
        server.close()
        self.assertEqual(client.wait(), (0, ['10'], ''))

    def test_answers_that_are_not_what_is_expected(self):
        for payload in '', '6161', 'f6', 'f93c00', '0a0a', '1b8000000000000000', '9f', '80':
            self.assert_refused('ACTOR_E_DECODE',  # E-06
                                raw_frame(RESPONSE, 1, bytes.fromhex(payload)))

    def test_errors(self):
        for kind, name in (('UnknownService', 'ACTOR_E_REMOTE_UNKNOWN_SERVICE'),
                           ('Deserialize', 'ACTOR_E_REMOTE_DECODE'),
                           ('InternalServerError', 'ACTOR_E_REMOTE_FAILED'),
                           ('PubSubNoCall', 'ACTOR_E_REMOTE_NO_CALLS')):
            self.assert_refused(name, frame(ERROR, 1, error(kind, sid=SHOW, cid=1)))  # E-13
            self.assert_refused(name, frame(ERROR, 1, error(kind, sid=None, cid=None)))
            self.assert_refused(name, frame(ERROR, 1, {kind: {'cid': inner(8), 'sid': None}}))
        self.assert_refused('ACTOR_E_TIMEOUT', frame(ERROR, 1, error('Timeout', sid=SHOW)))  # E-14
        self.assert_refused('ACTOR_E_REMOTE_PROTOCOL',
                            frame(ERROR, 1, error('DeserializeWireFormat', context='no')))

    def test_an_error_that_makes_no_sense(self):
        for value in None, 5, 'Nonsense', {}, {'Nonsense': {}}, {'Timeout': {}}, [1]:
            client, server = self.answered(frame(ERROR, 1, value))
            self.assertEqual(server.frames(), [])
            server.close()
            self.assert_fails(client.wait(), 'ACTOR_E_DECODE')  # P-20: it does not wait on

    def test_no_answer(self):
        client, server = self.answered()
        server.close()
        self.assert_fails(client.wait(), 'ACTOR_E_DISCONNECTED')  # PC-01

    def test_half_close_without_an_answer(self):
        client, server = self.answered()
        server.half_close()
        self.assertEqual(server.frames(), [])
        server.close()
        self.assert_fails(client.wait(), 'ACTOR_E_DISCONNECTED')

    def test_a_reset(self):
        client, server = self.answered()
        server.reset()
        self.assert_fails(client.wait(), 'ACTOR_E_DISCONNECTED')  # PC-03

    def test_the_end_within_an_answer(self):
        client, server = self.answered(frame(RESPONSE, 1, 1000)[:-1])
        server.close()
        self.assert_fails(client.wait(), 'ACTOR_E_DISCONNECTED')  # PC-02

    def test_a_server_that_was_told_nonsense(self):
        client, server = self.answered(
            frame(ERROR, 0, error('DeserializeWireFormat', context='what?')))
        server.half_close()
        self.assertEqual(server.frames(), [])
        server.close()
        self.assert_fails(client.wait(), 'ACTOR_E_DISCONNECTED')

    def test_no_frames(self):
        for nonsense in (bytes(8), HEAD.pack(23, RESPONSE, 1), b'\xff' * 64,
                         HEAD.pack((1 << 20) + 1, RESPONSE, 1), b'HTTP/1.1 400 Bad Request\r\n'):
            client, server = self.answered(nonsense)
            service, call, value = server.frame()  # E-15
            self.assertEqual((service, call), (ERROR, 0))
            self.assertEqual(list(value), ['DeserializeWireFormat'])
            self.assertIsNone(server.frame())
            server.close()
            self.assert_fails(client.wait(), 'ACTOR_E_DISCONNECTED')


class Relayed(ProgramTest):
    """Client and target by hand, our relay between them."""

    def setUp(self):
        listener = Listener()
        self.addCleanup(listener.close)
        self.relay = self.start(RELAY, '--listen', ANY_PORT, '--to', listener.address,
                                '--service', 'remotes::Add', '--service', 'remotes::Show')
        self.target = listener.accept()
        self.addCleanup(self.target.close)
        self.address = self.relay.address()
        self.client = connect(self.address)
        self.addCleanup(self.client.close)

    def test_a_thousand_in_flight_are_answered_in_any_order(self):
        order = random.Random(3)
        calls = some_calls(order)
        self.client.send(*(frame(ADD, call, i) for i, call in enumerate(calls)))
        came = [self.target.frame() for _ in calls]
        self.assertEqual({service for service, _, _ in came}, {ADD})
        self.assertEqual([value for _, _, value in came], list(range(1000)))  # as they were sent
        self.assertEqual(len({call for _, call, _ in came}), 1000)  # W-19
        order.shuffle(came)
        self.target.send(*(frame(RESPONSE, call, 2 * value) for _, call, value in came))
        answers = [self.client.frame() for _ in calls]
        self.assertEqual({service for service, _, _ in answers}, {RESPONSE})
        self.assertEqual({call: value for _, call, value in answers},  # RM-04
                         {call: 2 * i for i, call in enumerate(calls)})

    def test_payloads_are_not_looked_into(self):
        for payload in b'', b'\xff\xff', cbor2.dumps({'any': ['thing']}), bytes(70000):
            self.client.send(raw_frame(ADD, 7, payload), raw_frame(SHOW, 0, payload))  # RM-03
            called, sent = self.target.raw_frame(), self.target.raw_frame()
            length, service, call = HEAD.unpack_from(called)
            self.assertEqual((length, service), (HEAD.size + len(payload), ADD))
            self.assertEqual(called[HEAD.size:], payload)
            self.assertEqual(sent, raw_frame(SHOW, 0, payload))
            self.target.send(raw_frame(RESPONSE, call, payload))
            self.assertEqual(self.client.raw_frame(), raw_frame(RESPONSE, 7, payload))

    def test_errors_go_back(self):
        for kind in 'UnknownService', 'InternalServerError', 'Deserialize', 'PubSubNoCall':
            for sid, cid in (ADD, None), (ADD, 4711), (None, None):
                self.client.send(frame(ADD, 7, 5))
                _, call, _ = self.target.frame()
                self.target.send(frame(ERROR, call, error(kind, sid=sid, cid=cid)))
                self.assertEqual(self.client.frame(),  # RM-05, with what the client knows
                                 (ERROR, 7, error(kind, sid=ADD, cid=7)))
        self.client.send(frame(ADD, 7, 5))
        _, call, _ = self.target.frame()
        self.target.send(frame(ERROR, call, error('Timeout', sid=ADD)))
        self.assertEqual(self.client.frame(), (ERROR, 7, error('Timeout', sid=ADD)))  # E-25

    def test_what_is_not_relayed(self):
        self.client.send(frame(SUB, 7, 5), frame(SUB, 0, 5), frame(ADD, 8, 6))  # RM-07
        self.assertEqual(self.client.frame(), (ERROR, 7, error('UnknownService', sid=SUB, cid=7)))
        _, call, value = self.target.frame()
        self.assertEqual(value, 6)
        self.target.send(frame(RESPONSE, call, None))
        self.assertEqual(self.client.frame(), (RESPONSE, 8, None))

    def test_a_target_that_dies_in_between(self):
        for end in Connection.close, Connection.reset:
            self.client.send(frame(ADD, 7, 5), frame(ADD, 8, 6))
            self.target.frame(), self.target.frame()
            end(self.target)
            answers = [self.client.frame(), self.client.frame()]  # RM-06
            self.assertEqual(sorted(answers, key=lambda answer: answer[1]),
                             [(ERROR, call, error('InternalServerError', sid=ADD, cid=call))
                              for call in (7, 8)])
            self.relay.end()
            self.setUp()

    def test_a_client_that_goes(self):
        self.client.send(frame(ADD, 7, 5))
        _, call, _ = self.target.frame()
        self.client.reset()
        another = connect(self.address)
        self.addCleanup(another.close)
        another.send(frame(ADD, 7, 6))
        _, other_call, _ = self.target.frame()
        self.assertNotEqual(call, other_call)
        self.target.send(frame(RESPONSE, call, 1), frame(RESPONSE, other_call, 2))
        self.assertEqual(another.frame(), (RESPONSE, 7, 2))  # not the answer to the other's


class Board(ProgramTest):
    """Our board, and who says and reads what is there by hand."""

    SAY, SUBSCRIBE, COUNT = (service_id('board', name)
                             for name in ('Say', 'Subscribe', 'CountReaders'))

    def setUp(self):
        self.server = self.start(PUBSUB, 'serve', '--listen', ANY_PORT)
        self.address = self.server.address()

    def connect(self):
        connection = connect(self.address)
        self.addCleanup(connection.close)
        return connection

    def reader(self):
        connection = self.connect()
        connection.send(frame(self.SUBSCRIBE, 1, None))
        self.assertEqual(connection.frame(), (RESPONSE, 1, None))
        return connection

    def assert_count(self, connection, n_readers):
        connection.send(frame(self.COUNT, 2, None))
        self.assertEqual(connection.frame(), (RESPONSE, 2, n_readers))

    def test_all_who_have_subscribed_get_what_is_said(self):
        readers = [self.reader() for _ in range(3)]
        writer = self.connect()
        writer.send(*(frame(self.SAY, 0, f'text {i}') for i in range(100)))
        for reader in readers:  # in order, PS-01
            self.assertEqual([reader.frame() for _ in range(100)],
                             [(self.SAY, 0, f'text {i}') for i in range(100)])
        self.assert_count(writer, 3)

    def test_who_says_something_may_read_it_too(self):
        reader = self.reader()
        reader.send(frame(self.SAY, 0, 'hello'))
        self.assertEqual(reader.frame(), (self.SAY, 0, 'hello'))

    def test_twice_is_once(self):
        reader = self.reader()
        reader.send(frame(self.SUBSCRIBE, 3, None))  # PS-02
        self.assertEqual(reader.frame(), (RESPONSE, 3, None))
        self.assert_count(reader, 1)
        reader.send(frame(self.SAY, 0, 'once'), frame(self.COUNT, 2, None))
        self.assertEqual(reader.frame(), (self.SAY, 0, 'once'))
        self.assertEqual(reader.frame(), (RESPONSE, 2, 1))

    def test_what_is_said_is_not_looked_into(self):
        reader, writer = self.reader(), self.connect()
        for payload in b'', b'\xff', cbor2.dumps({'any': ['thing']}), bytes(70000):
            writer.send(raw_frame(self.SAY, 0, payload))  # PS-13
            self.assertEqual(reader.raw_frame(), raw_frame(self.SAY, 0, payload))

    def test_a_topic_takes_no_calls(self):
        reader, writer = self.reader(), self.connect()
        writer.send(frame(self.SAY, 7, 'text'), frame(self.SAY, 0, 'another'))  # PS-12, E-18
        self.assertEqual(writer.frame(), (ERROR, 7, error('PubSubNoCall', sid=self.SAY, cid=7)))
        self.assertEqual(reader.frame(), (self.SAY, 0, 'another'))

    def test_who_has_gone_is_no_reader(self):
        stays, closes, resets, writer = self.reader(), self.reader(), self.reader(), self.connect()
        closes.half_close()
        self.assertEqual(closes.frames(), [])  # it has heard of it
        resets.reset()
        deadline = time.monotonic() + PATIENCE  # PS-10
        while True:
            writer.send(frame(self.COUNT, 2, None))
            answer = writer.frame()
            if answer == (RESPONSE, 2, 1):
                break
            self.assertIn(answer, [(RESPONSE, 2, n) for n in (2, 3)])
            self.assertLess(time.monotonic(), deadline)
        writer.send(frame(self.SAY, 0, 'who is there?'))
        self.assertEqual(stays.frame(), (self.SAY, 0, 'who is there?'))

    def test_who_never_reads_keeps_nobody_from_it(self):
        self.reader()  # and no more than that
        reads, writer = self.reader(), self.connect()
        text = 'x' * 60000
        for _ in range(200):  # 12 MB: more than what is held for one; PS-09
            writer.send(frame(self.SAY, 0, text))
            self.assertEqual(reads.frame(), (self.SAY, 0, text))


if __name__ == '__main__':
    unittest.main(argv=[sys.argv[0], *sys.argv[4:]])
