# SPDX-License-Identifier: MIT
"""The protocol of actor-remote, written by hand after actor-remote/PROTOCOL.md: needs cbor2."""

import socket
import struct

import cbor2

HEAD = struct.Struct('<QQQ')  # length of the frame, service, call
ERROR = 0
RESPONSE = (1 << 64) - 1
PATIENCE = 30  # seconds

PRIMES = (0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0x85EBCA77C2B2AE63,
          0x27D4EB2F165667C5)
MASK = (1 << 64) - 1


def rotate(x, n):
    return ((x << n) | (x >> (64 - n))) & MASK


def xxh64(data):
    """XXH64 with seed 0."""
    p1, p2, p3, p4, p5 = PRIMES

    def mix(lane, word):
        return rotate((lane + word * p2) & MASK, 31) * p1 & MASK

    n = len(data)
    at = 0
    if n >= 32:
        lanes = [(p1 + p2) & MASK, p2, 0, -p1 & MASK]
        while at + 32 <= n:
            lanes = [mix(lane, word) for lane, word in
                     zip(lanes, struct.unpack_from('<4Q', data, at))]
            at += 32
        h = sum(rotate(lane, by) for lane, by in zip(lanes, (1, 7, 12, 18))) & MASK
        for lane in lanes:
            h = ((h ^ mix(0, lane)) * p1 + p4) & MASK
    else:
        h = p5
    h = (h + n) & MASK
    while at + 8 <= n:
        h = (rotate(h ^ mix(0, struct.unpack_from('<Q', data, at)[0]), 27) * p1 + p4) & MASK
        at += 8
    if at + 4 <= n:
        h = (rotate(h ^ struct.unpack_from('<I', data, at)[0] * p1 & MASK, 23) * p2 + p3) & MASK
        at += 4
    for byte in data[at:]:
        h = rotate(h ^ byte * p5 & MASK, 11) * p1 & MASK
    h = (h ^ h >> 33) * p2 & MASK
    h = (h ^ h >> 29) * p3 & MASK
    return h ^ h >> 32


def service_id(namespace, name):
    return xxh64(f'{namespace} :: {name}'.encode())


def raw_frame(service, call, payload):
    return HEAD.pack(HEAD.size + len(payload), service, call) + payload


def frame(service, call, value):
    return raw_frame(service, call, cbor2.dumps(value))


def inner(number):
    """An id as it is written in payloads."""
    return {'inner': {'id': number}}


def error(kind, **members):
    """The payload of an error frame."""
    return {kind: {name: inner(value) if isinstance(value, int) else value
                   for name, value in members.items()}}


class Connection:
    """One side of a connection, frame by frame."""

    def __init__(self, connected):
        self.socket = connected
        self.socket.settimeout(PATIENCE)
        self.bytes = b''

    def send(self, *frames):
        self.socket.sendall(b''.join(frames))

    def take(self, n):
        """That many bytes; fewer at the end."""
        while len(self.bytes) < n:
            more = self.socket.recv(65536)
            if not more:
                break
            self.bytes += more
        taken, self.bytes = self.bytes[:n], self.bytes[n:]
        return taken

    def raw_frame(self):
        """The next one, as it came; nothing at the end."""
        head = self.take(HEAD.size)
        if not head:
            return b''
        length = HEAD.unpack(head)[0]
        body = self.take(length - HEAD.size)
        if len(head) + len(body) != length:
            raise EOFError('the connection has ended within a frame')
        return head + body

    def frame(self):
        """The next one: service, call, value; None at the end."""
        bytes_ = self.raw_frame()
        if not bytes_:
            return None
        _, service, call = HEAD.unpack_from(bytes_)
        return service, call, cbor2.loads(bytes_[HEAD.size:])

    def frames(self):
        """All until the end."""
        return list(iter(self.frame, None))

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        """End it as a machine does that has gone."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        self.socket.close()

    def close(self):
        self.socket.close()


def connect(address):
    """To "tcp:HOST:PORT" or "unix:PATH"."""
    kind, where = address.split(':', 1)
    if kind == 'unix':
        connected = socket.socket(socket.AF_UNIX)
        connected.connect(where)
    else:
        host, port = where.rsplit(':', 1)
        connected = socket.create_connection((host, int(port)), PATIENCE)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return Connection(connected)


class Listener:
    """Somebody who can be connected to."""

    def __init__(self):
        self.socket = socket.create_server(('127.0.0.1', 0))
        self.socket.settimeout(PATIENCE)
        self.address = 'tcp:127.0.0.1:%d' % self.socket.getsockname()[1]

    def accept(self):
        return Connection(self.socket.accept()[0])

    def close(self):
        self.socket.close()
