#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Values between this library and another implementation of CBOR, both ways.

    cbor-interop.py WIRE-TOOL

Random values, from a seed, are written by cbor2; wire-tool reads them and writes them again; and
cbor2 must read what it has written as the value that it was. Where one way to write a value is the
shortest, both have to choose it. Skipped where there is no cbor2.
"""

import math
import random
import sys

sys.dont_write_bytecode = True
import wire_tool

try:
    import cbor2
except ImportError:
    print('1..0 # SKIP no module cbor2: python3-cbor2 is not installed')
    sys.exit()

N_VALUES = 200


def integer(low, high):
    """One of any length between two."""
    def choose(rng):
        value = rng.getrandbits(rng.randint(1, 64))
        return min(high, max(low, value if rng.random() < 0.5 or low == 0 else -1 - value))
    return choose


def number(rng):
    """A float that is a half (of the largest, cbor2 makes singles), a single, or neither."""
    return rng.choice([math.inf, -math.inf, 0.0, -0.0, 16376.0, 2.0 ** -24, 1e300,
                       rng.randint(-2048, 2048) / 2 ** rng.randint(0, 10),
                       rng.randint(-2 ** 24, 2 ** 24) / 2 ** rng.randint(0, 20),
                       rng.uniform(-1e6, 1e6)])


def text(rng):
    """Characters of one to four bytes."""
    return ''.join(chr(rng.choice([rng.randint(1, 127), rng.randint(128, 0x7ff),
                                   rng.randint(0xe000, 0xffff), rng.randint(0x10000, 0x10ffff)]))
                   for _ in range(rng.randint(0, 20)))


def several(choose):
    """A list."""
    return lambda rng: [choose(rng) for _ in range(rng.randint(0, 30))]


def optional(choose):
    """Or nothing."""
    return lambda rng: None if rng.random() < 0.3 else choose(rng)


def user(rng):
    """A tuple."""
    return [integer(0, 2 ** 64 - 1)(rng), text(rng)]


def time(rng):
    """A struct."""
    return {'time': integer(-2 ** 63, 2 ** 63 - 1)(rng), 'sid': integer(0, 2 ** 64 - 1)(rng)}


def server_msg(rng):
    """A case."""
    return rng.choice(['Closing', 'Far', {'Said': text(rng)}, {'Moved': user(rng)},
                       {'UserLeft': time(rng)}])


def tree(rng, levels=4):
    """A struct with others of its kind inside."""
    n = rng.randint(0, 3) if levels else 0
    return {'n': rng.randint(-5, 500), 'children': [tree(rng, levels - 1) for _ in range(n)]}


TYPES = {
    'bool': lambda rng: rng.random() < 0.5,
    'unit': lambda rng: None,
    'f64': number,
    'text': text,
    'char': lambda rng: text(rng)[:1] or 'x',
    'bytes': lambda rng: rng.randbytes(rng.randint(0, 300)),
    'optional_u64': optional(integer(0, 2 ** 64 - 1)),
    'optional_text': optional(text),
    'list_of_u8': several(integer(0, 255)),
    'list_of_i64': several(integer(-2 ** 63, 2 ** 63 - 1)),
    'list_of_f64': several(number),
    'list_of_text': several(text),
    'list_of_bytes': several(lambda rng: rng.randbytes(rng.randint(0, 30))),
    'id': lambda rng: {'inner': {'id': integer(0, 2 ** 64 - 1)(rng)}},
    'Add': integer(-2 ** 63, 2 ** 63 - 1),
    'SetNick': lambda rng: {'nick': text(rng)},
    'User': user,
    'Users': several(user),
    'Ages': lambda rng: {text(rng): rng.randint(0, 255) for _ in range(rng.randint(0, 30))},
    'Colour': lambda rng: rng.choice(['Red', 'Green', 'Blue']),
    'Time': time,
    'ServerMsg': server_msg,
    'Outcome': lambda rng: rng.choice([{'Ok': None}, {'Err': text(rng)}]),
    'Tree': tree,
}
for bits in (8, 16, 32, 64):
    TYPES[f'i{bits}'] = integer(-2 ** (bits - 1), 2 ** (bits - 1) - 1)
    TYPES[f'u{bits}'] = integer(0, 2 ** bits - 1)


def has_map(value):
    """Whether cbor2 would order something in another way."""
    return isinstance(value, dict) or isinstance(value, list) and any(map(has_map, value))


def in_order(value):
    """The same with maps in one order."""
    if isinstance(value, dict):
        return sorted((key, in_order(inner)) for key, inner in value.items())
    return [in_order(inner) for inner in value] if isinstance(value, list) else value


def same(one, other):
    """Equal, of the same types, and with the same signs."""
    return repr(in_order(one)) == repr(in_order(other))


def wrong(value, answer):
    """What is wrong with what came back; '' for nothing."""
    accepted, words = answer
    if not accepted:
        return f'{value!r} is refused: {words}'
    written = bytes.fromhex(words.split()[0])
    if not same(cbor2.loads(written), value):
        return f'{value!r} has become {cbor2.loads(written)!r}'
    if not has_map(value) and written != cbor2.dumps(value, canonical=True):
        return f'{value!r} is {written.hex()}, {cbor2.dumps(value, canonical=True).hex()} by cbor2'
    return ''


def main():
    """Run as a test."""
    rng = random.Random(1)
    results = []
    for name, choose in TYPES.items():
        values = [choose(rng) for _ in range(N_VALUES)]
        lines = [f'value {name} {cbor2.dumps(value, canonical=rng.random() < 0.5).hex()}'
                 for value in values]
        found = [wrong(*pair) for pair in zip(values, wire_tool.ask(sys.argv[1], lines))]
        results.append((name, next(filter(None, found), '')))
    wire_tool.report('cbor-interop', results)


main()
