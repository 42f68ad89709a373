# SPDX-License-Identifier: MIT
"""What is measured, and what is required of it."""

import collections

OURS = 'actor'
GENERAL_PEERS = 'caf', 'go', 'tokio', 'actix', 'thespis'
PEERS = *GENERAL_PEERS, 'uv'

# Beside whom it is measured how cost grows.
GROWTH_PEERS = 'tokio',

# One row of the table: a workload with these settings ("capacity=16") on so many threads.
Measurement = collections.namedtuple('Measurement', 'workload param threads')

CAPACITIES = '', 'capacity=16', 'capacity=1024'

# Workloads in the order of the table, and their settings.
WORKLOADS = {
    'pingpong': ('',),
    'count': ('', 'capacity=1', 'capacity=16', 'capacity=1024'),
    'contention': CAPACITIES,
    'ring1': ('',),
    'ring64': ('',),
    'create': ('',),
    'tree': ('',),
    'call': ('',),
    'call_from_main': ('',),
    'call_nested': ('',),
    'big': ('',),
    'idle': ('',),
    'idle_waiting': ('',),
    'latency': ('',),
    'select': ('', 'capacity=16'),
    'timer_arm_cancel': ('',),
    'timer_fire': ('',),
}

# Workloads that only these peers have a program for; all others have the general ones.
SPECIAL = {
    'latency': ('go',),
    'select': ('go',),
    'timer_arm_cancel': ('uv',),
    'timer_fire': ('uv',),
    'idle_cpu': (),
}

# Memory is the same on any number of threads; and the timers of a local executor fire on one.
ON_ONE_THREAD = 'idle', 'idle_waiting', 'timer_fire'

# How many times ahead of the best peer the library has to be.
REQUIRED = {
    'pingpong': 2.5,
    'count': 1.5,
    'contention': 1.5,
    'ring1': 2.5,
    'ring64': 1.5,
    'create': 3,
    'tree': 3,
    'call': 2.5,
    'call_from_main': 20,
    'idle': 2,
    'big': 2,
}

# What a peer's figure cannot be compared with ours for; it is shown, but it is not the best peer.
INCOMPARABLE = {
    ('call_from_main', 'go'): "Go's caller is a goroutine: its program has no plain threads",
}

# The figures that programs print, what they are in words, and the unit.
FIGURES = {
    'ns_per_op': ('', 'ns'),
    'cpu_ns_per_op': ('processor time', 'ns'),
    'bytes_per_op': ('', 'bytes'),
    'p50': ('50th percentile', 'ns'),
    'p99': ('99th percentile', 'ns'),
    'p999': ('99.9th percentile', 'ns'),
    'worst': ('longest', 'ns'),
    'cpu_ns_per_ms': ('processor time', 'ns per ms'),
}

# What makes a run short, for --quick; also those of remote/run.
QUICK = {
    'pingpong': 'n=100000',
    'count': 'n=500000',
    'contention': 'n=500000',
    'ring1': 'n=200000',
    'ring64': 'n=200000',
    'create': 'n=100000',
    'tree': 'depth=16',
    'call': 'n=100000',
    'call_from_main': 'n=5000',
    'call_nested': 'n=2000',
    'big': 'n=2000',
    'idle': 'n=100000',
    'idle_cpu': 'n=500',
    'latency': 'n=2000',
    'select': 'n=200000',
    'timer_arm_cancel': 'n=100000',
    'timer_fire': 'n=100000',
    'round_trip': 'n=10000',
    'in_flight': 'n=100000',
    'one_way': 'n=500000',
    'relay_round_trip': 'n=5000',
    'relay_in_flight': 'n=50000',
    'handshakes': 'n=200',
    'idle_connections': 'n=1000',
}


def is_written(name, workload):
    """Whether a program has a workload: ours has all, and so, maybe, has one that was given."""
    return name not in PEERS or name in SPECIAL.get(workload, GENERAL_PEERS)


def table(workloads, threads):
    """The rows of the table."""
    for workload in workloads:
        for param in WORKLOADS[workload]:
            for n_threads in threads[:1] if workload in ON_ONE_THREAD else threads:
                yield Measurement(workload, param, n_threads)


# How cost grows: a picture each, with what grows, and the lines in it. The settings are formats.
Growth = collections.namedtuple('Growth', 'name axis values lines')

GROWTHS = (
    Growth('actors', 'actors', (10, 100, 1000, 10000, 100000, 1000000),
           (('ring1', 'actors={}'), ('create', 'actors={}'))),
    Growth('senders', 'senders to one receiver', (1, 10, 100, 1000, 10000),
           (('contention', 'senders={}'), ('contention', 'senders={} capacity=16'))),
    Growth('bytes', 'bytes of a message', (8, 64, 512, 4096),
           (('count', 'bytes={} capacity=1024 n=1000000'),)),
    Growth('threads', 'threads', (1, 2, 3, 4, 6, 8),
           tuple((workload, '') for workload in (
               'pingpong', 'count', 'contention', 'ring64', 'create', 'call', 'big'))),
    Growth('idle', 'threads of a pool without work', (1, 2, 4, 8), (('idle_cpu', ''),)),
)


def point(growth, line, value, threads):
    """The measurement at one point of one line."""
    workload, param = line
    if '{}' in param:
        return Measurement(workload, param.format(value), threads)
    return Measurement(workload, param, value)


def settings(measurement, quick):
    """What is given to a program: short runs keep a number of operations that was asked for."""
    given = measurement.param.split()
    short = QUICK.get(measurement.workload)
    if quick and short and not any(one.startswith('n=') for one in given):
        given.append(short)
    return given
