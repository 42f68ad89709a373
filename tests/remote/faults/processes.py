# SPDX-License-Identifier: MIT
"""The two programs that talk, a proxy between them that does harm, and what they hold."""

import os
import pathlib
import random
import select
import signal
import socket
import struct
import subprocess
import threading
import time

PATIENCE = 60  # seconds for what ought to take none

# ThreadSanitizer has a program sleep for a second before it ends.
ENVIRONMENT = {**os.environ,
               'TSAN_OPTIONS': os.environ.get('TSAN_OPTIONS', '') + ':atexit_sleep_ms=0'}


def eventually(condition, patience=PATIENCE):
    """Until it holds; for what cannot be waited for."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError('it has never come to that')
        time.sleep(0.01)


def endpoint(address):
    """What sockets take for tcp:HOST:PORT."""
    _, host, port = address.split(':')
    return host, int(port)


class Process:
    """A program that runs; what it has to say is read line by line."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, env=ENVIRONMENT, **options)

    def line(self):
        return self.process.stdout.readline().rstrip('\n')

    def kill(self):
        self.process.kill()
        self.process.communicate()

    def wait(self):
        """Its exit status, what it printed that nobody has read, and its complaints."""
        lines, complaints = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, lines.split('\n')[:-1], complaints

    def tell(self, number):
        self.process.send_signal(number)

    def n_descriptors(self):
        return len(list(pathlib.Path(f'/proc/{self.process.pid}/fd').iterdir()))

    def resident_kib(self):
        pages = pathlib.Path(f'/proc/{self.process.pid}/statm').read_text().split()[1]
        return int(pages) * os.sysconf('SC_PAGESIZE') // 1024

    def processor_s(self):
        words = pathlib.Path(f'/proc/{self.process.pid}/stat').read_text().rsplit(')', 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf('SC_CLK_TCK')


class Server(Process):
    """busy-server, and what it has at the moment."""

    def __init__(self, program, address='tcp:127.0.0.1:0', patience_ms=1000, keepalive_s=60,
                 most=1024, prefix=(), **options):
        super().__init__(*prefix, program, address, patience_ms, keepalive_s, most, **options)
        line = self.line()
        if not line.startswith('listening '):
            raise AssertionError(f'{line}: {self.wait()}')
        self.address = line.split(' ', 1)[1]

    def state(self):
        """Connections; permits taken; mailboxes; replies and handlers that wait; subscribers."""
        self.process.stdin.write('\n')
        self.process.stdin.flush()
        return [int(word) for word in self.line().split()]

    def settle(self, patience=PATIENCE):
        """Until nothing is left."""
        try:
            eventually(lambda: self.state() == [0] * 5, patience)
        except AssertionError as error:
            raise AssertionError(f'something is left: {self.state()}') from error

    def end(self):
        """In order: whether it said that nothing is left."""
        return self.wait() == (0, ['over'], '')


class Outcome:
    """How the calls of a client have ended."""

    def __init__(self, status, lines, complaints):
        if status != 0 or len(lines) != 1 or complaints:
            raise AssertionError(f'{status}, {lines}, {complaints}')
        (self.answered, self.wrong, self.refused, self.lost, self.late, self.slowest_ms,
         self.last_ms) = map(int, lines[0].split())


class Client(Process):
    """busy-client."""

    def __init__(self, program, address, patience_ms=1000, keepalive_s=60, callers=8, ms=300):
        super().__init__(program, address, patience_ms, keepalive_s, callers, ms)

    def outcome(self):
        status, lines, complaints = self.wait()
        return Outcome(status, [line for line in lines if line != 'connected'], complaints)


class Proxy:
    """Passes connections on, and does one of these to each: at a byte of one direction, all by the
    seed."""

    KINDS = ['nothing', 'delay', 'reset', 'end', 'change', 'drop', 'stall']

    def __init__(self, target, seed, kinds=None):
        self.target = endpoint(target)
        self.random = random.Random(seed)
        self.kinds = kinds or self.KINDS
        self.done = []
        self.listener = socket.create_server(('127.0.0.1', 0))
        self.address = 'tcp:127.0.0.1:%d' % self.listener.getsockname()[1]
        self.threads = [threading.Thread(target=self.accept, daemon=True)]
        self.threads[0].start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self.target)
            except OSError:
                near.close()
                continue
            for end in near, far:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            kind = self.random.choice(self.kinds)
            at = int(2 ** self.random.uniform(0, 15))
            self.done.append(kind)
            Passage(near, far, kind, at, self.random.choice((0, 1)), self.random.random())

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


class Passage:
    """One connection through a proxy."""

    def __init__(self, near, far, kind, at, direction, chance):
        self.ends = near, far
        self.kind, self.at, self.chance = kind, at, chance
        self.over = threading.Event()
        self.n_left = 2
        self.lock = threading.Lock()
        for i in (0, 1):
            harm = kind if i == direction else 'nothing'
            threading.Thread(target=self.run, args=(*(self.ends if i else self.ends[::-1]), harm),
                             daemon=True).start()

    def run(self, source, sink, kind):
        try:
            self.copy(source, sink, kind)
        except OSError:
            self.cut()
        self.over.set()
        with self.lock:
            self.n_left -= 1
            last = self.n_left == 0
        if last:
            for end in self.ends:
                end.close()

    def cut(self):
        """One end is gone: the other one is told, which may have nothing to say and wait for ever."""
        for end in self.ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def copy(self, source, sink, kind):
        n = 0
        while data := source.recv(65536):
            if kind != 'nothing' and n + len(data) > self.at:
                data = self.harm(source, sink, kind, data, max(self.at - n, 0))
                if data is None:
                    return
                if kind != 'delay':
                    kind = 'nothing'
            n += len(data)
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

    def stall(self, source, sink):
        """Until one of them goes: between two frames, nothing else would tell the other one."""
        gone = select.poll()
        gone.register(source, select.POLLRDHUP)
        while not self.over.is_set() and not gone.poll(20):
            pass
        sink.shutdown(socket.SHUT_RDWR)

    def harm(self, source, sink, kind, data, i):
        """What is sent instead; None: no more."""
        if kind == 'delay':
            time.sleep(0.02 * self.chance)
            return data
        if kind == 'change':
            return data[:i] + bytes([data[i] ^ 1 << int(8 * self.chance)]) + data[i + 1:]
        if kind == 'drop':
            return data[:i] + data[i + 1:]
        sink.sendall(data[:i])
        if kind == 'stall':
            self.stall(source, sink)
            return None
        if kind == 'reset':
            for end in self.ends:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
        else:
            sink.shutdown(socket.SHUT_WR)
            source.shutdown(socket.SHUT_WR)
        for end in self.ends:
            end.shutdown(socket.SHUT_RD)
        return None
