#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""For as long as one likes: a server, clients that come and go, and all that may go wrong at random.

    soak.py [--seconds N] [--seed N] [--clients N] [--any-memory] BUSY_SERVER BUSY_CLIENT

Clients talk to the server directly or through a proxy that does harm, and some of them are killed;
strangers write what they like. Every client must account for all of its calls and leave nothing
behind; in the end the server must have nothing left of it all, and its memory be flat.
"""

import argparse
import random
import socket
import struct
import sys
import time

sys.dont_write_bytecode = True
from processes import Client, Outcome, Proxy, Server, endpoint, eventually

MOST_GROWTH_KIB = 2048


class Guest:
    """A client, the proxy that it comes through, if any, and when it is killed, if it is."""

    def __init__(self, program, server, chance):
        self.proxy = None
        address = server.address
        if chance.random() < 0.7:
            self.proxy = Proxy(address, chance.random())
            address = self.proxy.address
        ms = int(10 ** chance.uniform(1.5, 3.2))
        self.client = Client(program, address, patience_ms=500, callers=chance.randint(1, 16),
                             ms=ms)
        self.dies = time.monotonic() + chance.uniform(0, 1) if chance.random() < 0.2 else None

    def look(self):
        """None while it runs, then its outcome; or 'killed'; or 'refused' if it could not connect."""
        if self.dies and time.monotonic() > self.dies:
            self.client.kill()
            result = 'killed'
        elif self.client.process.poll() is None:
            return None
        else:
            status, lines, complaints = self.client.wait()
            lines = [line for line in lines if line != 'connected']
            result = Outcome(status, lines, complaints)
        if self.proxy:
            self.proxy.close()
        return result


def annoy(server, chance):
    """Something that is no frame, or a part of one, or nothing; and it goes, in one way or another."""
    stranger = socket.create_connection(endpoint(server.address))
    head = struct.pack('<QQQ', chance.choice([0, 25, 1000, 1 << 20, 1 << 32, (1 << 64) - 1]),
                       chance.getrandbits(64), chance.choice([0, 1, chance.getrandbits(64)]))
    bytes_ = head * chance.randint(0, 50) + chance.randbytes(chance.randint(0, 200))
    try:
        stranger.sendall(bytes_[:chance.randint(0, len(bytes_))])
    except OSError:
        pass
    if chance.random() < 0.5:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
    return stranger, time.monotonic() + chance.uniform(0, 1)


def slope(samples):
    """Of the line nearest to them: KiB a second."""
    n = len(samples)
    mean_s = sum(s for s, _ in samples) / n
    mean_kib = sum(kib for _, kib in samples) / n
    square = sum((s - mean_s) ** 2 for s, _ in samples)
    return sum((s - mean_s) * (kib - mean_kib) for s, kib in samples) / square if square else 0


def run(arguments, server, totals):
    """Everything at once; samples of the server's memory."""
    chance = random.Random(arguments.seed)
    began = time.monotonic()
    guests, strangers, samples = [], [], []
    while (elapsed := time.monotonic() - began) < arguments.seconds or guests:
        if elapsed < arguments.seconds and len(guests) < arguments.clients:
            guests.append(Guest(arguments.busy_client, server, chance))
        if elapsed < arguments.seconds and len(strangers) < 20:
            strangers.append(annoy(server, chance))
            totals['strangers'] += 1
        for guest in list(guests):
            result = guest.look()
            if result is None:
                continue
            guests.remove(guest)
            totals['clients'] += 1
            if result == 'killed':
                totals['killed'] += 1
                continue
            for name in 'answered', 'wrong', 'refused', 'lost', 'late':
                totals[name] += getattr(result, name)
        for stranger in list(strangers):
            if time.monotonic() > stranger[1] or elapsed >= arguments.seconds:
                stranger[0].close()
                strangers.remove(stranger)
        if not samples or elapsed > samples[-1][0] + 0.25:
            samples.append((elapsed, server.resident_kib()))
        time.sleep(0.01)
    for stranger in strangers:
        stranger[0].close()
    return samples


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--seconds', type=float, default=60)
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--clients', type=int, default=6)
    parser.add_argument('--any-memory', action='store_true', help='it need not be flat')
    parser.add_argument('busy_server')
    parser.add_argument('busy_client')
    arguments = parser.parse_args()
    totals = dict.fromkeys(['clients', 'killed', 'strangers', 'answered', 'wrong', 'refused',
                            'lost', 'late'], 0)
    server = Server(arguments.busy_server, patience_ms=500)
    Client(arguments.busy_client, server.address, patience_ms=20000).outcome()
    server.settle()
    n_descriptors = server.n_descriptors()
    samples = run(arguments, server, totals)
    server.settle()
    eventually(lambda: server.n_descriptors() == n_descriptors)
    later = samples[len(samples) // 3:]
    growth = slope(later) * (later[-1][0] - later[0][0])
    print(', '.join(f'{n} {name}' for name, n in totals.items()))
    print(f'{later[0][1]} KiB, {later[-1][1]} KiB at the end, '
          f'{slope(later):+.1f} KiB a second; most {max(kib for _, kib in samples)} KiB')
    if not server.end():
        print('the server did not end in order')
        return 1
    if totals['answered'] == 0 or totals['lost'] == 0:
        print('nothing has happened')
        return 1
    if growth > MOST_GROWTH_KIB and not arguments.any_memory:
        print(f'memory has grown by {growth:.0f} KiB')
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
