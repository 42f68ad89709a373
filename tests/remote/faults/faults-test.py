#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What becomes of calls, and of those who serve on, when processes and connections break.

    faults-test.py BUSY_SERVER BUSY_CLIENT RELAY SANITIZER
"""

import random
import resource
import signal
import socket
import struct
import sys
import time
import unittest

sys.dont_write_bytecode = True
from processes import Client, Process, Proxy, Server, endpoint, eventually

SERVER, CLIENT, RELAY, SANITIZER = sys.argv[1:5]
SLOWER = 1 if SANITIZER == 'none' else 4
AT_ONCE_MS = 5000  # on a machine that has a lot to do


class FaultsTest(unittest.TestCase):
    def serve(self, **options):
        server = Server(SERVER, **options)
        self.addCleanup(server.kill)
        return server

    def call(self, address, **options):
        client = Client(CLIENT, address, **options)
        self.addCleanup(client.kill)
        return client

    def connected(self, address, **options):
        client = self.call(address, **options)
        self.assertEqual(client.line(), 'connected')
        return client

    def proxy(self, server, seed, kinds=None):
        proxy = Proxy(server.address, seed, kinds)
        self.addCleanup(proxy.close)
        return proxy

    def assert_serves(self, address):
        outcome = self.call(address, patience_ms=20000, ms=50).outcome()
        self.assertGreater(outcome.answered, 0)
        self.assertEqual((outcome.wrong, outcome.refused, outcome.lost, outcome.late),
                         (0, 0, 0, 0))


    def warm_up(self, server):
        """How many descriptors it has with nobody there, who has been."""
        self.assert_serves(server.address)
        server.settle()
        return server.n_descriptors()


class Connections(FaultsTest):
    """Between a server and its clients there is somebody who does harm."""

    def check(self, seeds, kinds=None, patience_ms=500):
        server = self.serve(patience_ms=patience_ms)
        n_descriptors = self.warm_up(server)
        proxies = [self.proxy(server, seed, kinds) for seed in seeds]
        clients = [self.call(proxy.address, patience_ms=patience_ms, callers=4)
                   for proxy in proxies]
        outcomes = [client.outcome() for client in clients]
        for outcome in outcomes:
            self.assertLess(outcome.slowest_ms, AT_ONCE_MS + patience_ms)
            self.assertLess(outcome.last_ms, AT_ONCE_MS)
        server.settle()
        self.assertEqual(server.n_descriptors(), n_descriptors)
        self.assert_serves(server.address)
        self.assertTrue(server.end())
        return outcomes

    def test_faults_of_all_kinds(self):
        for first in range(0, 18 // SLOWER, 6):
            self.check(range(first, first + 6))

    def test_a_delay_loses_nothing(self):
        for outcome in self.check(range(3), ['delay', 'nothing'], 20000):
            self.assertEqual((outcome.wrong, outcome.refused, outcome.lost, outcome.late),
                             (0, 0, 0, 0))

    def test_what_is_cut_is_lost_at_once(self):
        outcomes = self.check(range(100, 106), ['reset', 'end'], 20000)
        self.assertGreater(sum(outcome.lost for outcome in outcomes), 0)


class Processes(FaultsTest):
    """Somebody is killed, at any moment."""

    def test_clients_are_killed(self):
        server = self.serve(patience_ms=20000)
        n_descriptors = self.warm_up(server)
        chance = random.Random(1)
        for _ in range(8 // SLOWER):
            stays = self.connected(server.address, patience_ms=20000, ms=100)
            clients = [self.connected(server.address, ms=20000) for _ in range(2)]
            time.sleep(chance.uniform(0, 0.05))
            for client in clients:
                client.kill()
            outcome = stays.outcome()
            self.assertGreater(outcome.answered, 0)
            self.assertEqual((outcome.wrong, outcome.refused, outcome.lost, outcome.late),
                             (0, 0, 0, 0))
            # At once, and not when what they were asked times out.
            server.settle(15)
            self.assertEqual(server.n_descriptors(), n_descriptors)
        self.assertTrue(server.end())

    def test_servers_are_killed(self):
        chance = random.Random(2)
        for _ in range(8 // SLOWER):
            server = self.serve()
            clients = [self.connected(server.address, patience_ms=20000, callers=16, ms=20000)
                       for _ in range(2)]
            time.sleep(chance.uniform(0, 0.05))
            server.kill()
            for client in clients:
                outcome = client.outcome()  # nothing is left there, or it would complain
                self.assertGreater(outcome.lost, 0)
                self.assertLess(outcome.last_ms, AT_ONCE_MS)

    def test_in_front_of_and_behind_a_relay(self):
        """And the relay itself; its own memory is looked at by what it serves on."""
        server = self.serve()
        relay = Process(RELAY, '--listen', 'tcp:127.0.0.1:0', '--to', server.address,
                        '--service', 'busy::Work')
        self.addCleanup(relay.kill)
        address = relay.line().split(' ', 1)[1]
        eventually(lambda: server.state()[0] == 1)
        n_descriptors = relay.n_descriptors()
        for _ in range(8 // SLOWER):
            client = self.connected(address, ms=20000)
            client.kill()
            eventually(lambda: relay.n_descriptors() == n_descriptors, 15)
        eventually(lambda: server.state()[1] == 0)
        client = self.connected(address, patience_ms=20000, ms=300)
        server.kill()
        outcome = client.outcome()
        self.assertGreater(outcome.refused, 0)  # calls behind it; the connection stays
        self.assertLess(outcome.slowest_ms, AT_ONCE_MS)
        again = self.serve(address=server.address)
        eventually(lambda: again.state()[0] == 1)
        client = self.connected(address, patience_ms=20000, ms=20000)
        relay.kill()
        self.assertGreater(client.outcome().lost, 0)
        again.settle()
        self.assertTrue(again.end())


class Floods(FaultsTest):
    """Of connections, over real sockets."""

    def test_descriptors_run_out(self):
        """Those that are there go on, others wait, and nothing spins."""
        server = self.serve(most=10000)
        n_descriptors = self.warm_up(server)
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (n_descriptors + 8,) * 2)
        stays = self.connected(server.address, patience_ms=20000, callers=1, ms=900)
        strangers = [socket.create_connection(endpoint(server.address)) for _ in range(20)]
        eventually(lambda: server.n_descriptors() == n_descriptors + 8)
        waits = self.call(server.address, patience_ms=20000, callers=1, ms=50)
        self.assertEqual(stays.outcome().lost, 0)
        began_s = server.processor_s()
        time.sleep(0.4)
        self.assertLess(server.processor_s() - began_s, 0.2)
        for stranger in strangers:
            stranger.close()
        self.assertEqual(waits.line(), 'connected')
        self.assertGreater(waits.outcome().answered, 0)
        server.settle()
        self.assertEqual(server.n_descriptors(), n_descriptors)

    def connect_and_reset(self, server, n):
        for i in range(n):
            stranger = socket.create_connection(endpoint(server.address))
            if i % 2:
                stranger.send(b'\x00\x00\x10\x00\x00\x00\x00\x00garbage'[:i % 16])
            stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            stranger.close()
        server.settle()
        eventually(lambda: server.n_descriptors() <= self.n_descriptors)

    def test_thousands_come_and_go(self):
        server = self.serve(patience_ms=100, most=32)  # at a time, however busy it is
        self.n_descriptors = server.n_descriptors()
        n = 4000 // SLOWER // SLOWER
        self.connect_and_reset(server, n // 5)
        kib = server.resident_kib()
        self.connect_and_reset(server, n - n // 5)
        if SANITIZER == 'none':
            self.assertLess(server.resident_kib(), kib + 1024)
        self.assert_serves(server.address)
        self.assertTrue(server.end())


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
