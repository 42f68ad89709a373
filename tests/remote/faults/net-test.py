#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A link that is cut, and one that loses packets: between two network namespaces.

    net-test.py BUSY_SERVER BUSY_CLIENT

Skipped (77) where one may not have such, or there is no iproute2; what loses packets, where there is
no /dev/net/tun.
"""

import fcntl
import heapq
import os
import random
import select
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import unittest

sys.dont_write_bytecode = True
from processes import Client, Server, endpoint, eventually

HERE, THERE, PORT = '10.211.1.1', '10.211.1.2', 4000


def run(*words):
    return subprocess.run(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                          check=False)


def isolate():
    """Run again in namespaces of one's own; or say why not."""
    for tool in 'unshare', 'nsenter', 'ip':
        if not shutil.which(tool):
            return f'there is no {tool}'
    command = ['unshare', '--user', '--map-root-user', '--net', '--pid', '--mount-proc',
               '--fork', '--kill-child']
    if run(*command, 'ip', 'link', 'add', 'here0', 'type', 'veth', 'peer', 'name',
           'there0').returncode != 0:
        return 'there may be no network namespaces'
    sys.exit(subprocess.run([*command, sys.executable, __file__, '--inside', *sys.argv[1:]],
                            check=False).returncode)


class LossyLink:
    """Two network devices, and what is between them: packets come late, in another order, or not."""

    TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454ca, 0x0001, 0x1000

    def __init__(self, names, loss, most_delay_s):
        self.chance = random.Random(1)
        self.loss, self.most_delay_s = loss, most_delay_s
        self.n_passed = self.n_lost = 0
        self.ends = [self.open(name) for name in names]
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.carry)
        self.thread.start()

    def open(self, name):
        end = os.open('/dev/net/tun', os.O_RDWR | os.O_NONBLOCK)
        fcntl.ioctl(end, self.TUNSETIFF,
                    struct.pack('16sH22x', name.encode(), self.IFF_TUN | self.IFF_NO_PI))
        return end

    def carry(self):
        late = []
        while not self.stopping.is_set():
            ready, _, _ = select.select(self.ends, (), (), 0.001 if late else 0.05)
            for end in ready:
                self.take(end, late)
            while late and late[0][0] <= time.monotonic():
                _, _, there, packet = heapq.heappop(late)
                self.put(there, packet)

    def take(self, end, late):
        try:
            packet = os.read(end, 65536)
        except OSError:  # it is not up yet
            return
        if self.chance.random() < self.loss:
            self.n_lost += 1
            return
        self.n_passed += 1
        due = time.monotonic() + self.chance.uniform(0, self.most_delay_s)
        heapq.heappush(late, (due, self.n_passed, self.ends[end == self.ends[0]], packet))

    def put(self, end, packet):
        try:
            os.write(end, packet)
        except OSError:  # nor is that
            self.n_lost += 1

    def close(self):
        self.stopping.set()
        self.thread.join()
        for end in self.ends:
            os.close(end)


class Namespaces(unittest.TestCase):
    """Here, and there: how they are joined is up to who inherits."""

    def setUp(self):
        self.there = subprocess.Popen(['unshare', '--net', 'sleep', '1000'])
        self.addCleanup(self.there.wait)
        self.addCleanup(self.there.kill)
        self.prefix = ['nsenter', '--net', '--target', str(self.there.pid)]
        own = subprocess.run(['readlink', '/proc/self/ns/net'], stdout=subprocess.PIPE, check=True)
        eventually(lambda: subprocess.run(
            ['readlink', f'/proc/{self.there.pid}/ns/net'], stdout=subprocess.PIPE,
            check=False).stdout not in (b'', own.stdout))
        self.join('here0', 'there0')
        self.must('ip', 'link', 'set', 'there0', 'netns', str(self.there.pid))
        self.must('ip', 'address', 'add', HERE + '/24', 'dev', 'here0')
        self.must('ip', 'link', 'set', 'here0', 'up')
        self.must(*self.prefix, 'ip', 'address', 'add', THERE + '/24', 'dev', 'there0')
        self.must(*self.prefix, 'ip', 'link', 'set', 'there0', 'up')

    def must(self, *words):
        done = run(*words)
        if done.returncode != 0:
            raise AssertionError(f'{words}: {done.stderr}')

    def serve(self, **options):
        server = Server(SERVER, f'tcp:{THERE}:{PORT}', prefix=self.prefix, **options)
        self.addCleanup(server.kill)
        return server

    def call(self, server, **options):
        client = Client(CLIENT, server.address, **options)
        self.addCleanup(client.kill)
        self.assertEqual(client.line(), 'connected')
        return client

    def check_all_answered(self, outcome):
        self.assertGreater(outcome.answered, 0)
        self.assertEqual((outcome.wrong, outcome.refused, outcome.lost, outcome.late),
                         (0, 0, 0, 0))


class Cut(Namespaces):
    def join(self, here, there):
        self.must('ip', 'link', 'add', here, 'type', 'veth', 'peer', 'name', there)
        self.addCleanup(run, 'ip', 'link', 'del', here)

    def switch(self, way):
        self.must('ip', 'link', 'set', 'here0', way)

    def test_who_is_cut_off_is_noticed(self):
        """Who is quiet, by questions; who has something on its way, since nobody has got it: both
        within the time for keep-alive, with all else very patient. Calls end with it."""
        server = self.serve(patience_ms=100000, keepalive_s=2)
        stranger = socket.create_connection(endpoint(server.address))
        self.addCleanup(stranger.close)
        client = self.call(server, patience_ms=100000, keepalive_s=2, ms=100000)
        eventually(lambda: server.state()[0] == 2)
        self.switch('down')
        began = time.monotonic()
        outcome = client.outcome()
        self.assertEqual(outcome.late, 0)
        self.assertGreater(outcome.lost, 0)
        self.assertLess(outcome.last_ms, 5000)
        server.settle()
        self.assertLess(time.monotonic() - began, 20)
        self.assertTrue(server.end())

    def test_without_keep_alive_calls_end_by_their_deadline(self):
        server = self.serve(patience_ms=1000, keepalive_s=0)
        client = self.call(server, patience_ms=1000, keepalive_s=0, ms=1500)
        self.switch('down')
        outcome = client.outcome()
        self.assertGreater(outcome.late + outcome.lost, 0)
        self.assertLess(outcome.slowest_ms, 10000)

    def test_a_link_that_comes_and_goes_loses_nothing(self):
        server = self.serve(patience_ms=20000)
        client = self.call(server, patience_ms=20000, ms=1500)
        for _ in range(6):
            time.sleep(0.15)
            self.switch('down')
            time.sleep(0.05)
            self.switch('up')
        self.check_all_answered(client.outcome())
        server.settle()


class Loss(Namespaces):
    def join(self, here, there):
        try:
            self.link = LossyLink((here, there), loss=0.05, most_delay_s=0.004)
        except OSError as error:
            self.skipTest(f'no devices of one\'s own: {error}')
        self.addCleanup(self.link.close)

    def test_packets_that_are_lost_or_overtaken_lose_nothing(self):
        server = self.serve(patience_ms=20000)
        self.check_all_answered(self.call(server, patience_ms=20000, ms=1500).outcome())
        server.settle()
        self.assertTrue(server.end())
        self.assertGreater(self.link.n_lost, 0)


if __name__ == '__main__':
    if sys.argv[1] != '--inside':
        print('skipped:', isolate())
        sys.exit(77)
    SERVER, CLIENT = sys.argv[2:4]
    unittest.main(argv=sys.argv[:1])
