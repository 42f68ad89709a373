# SPDX-License-Identifier: MIT
"""Build the programs: ours, and those of the peers whose tools are there."""

import collections
import json
import os
import shutil
import subprocess

from . import matrix

# A program that can be measured: what it is called, where it is, what it was made with, and what
# else it is told each time.
Program = collections.namedtuple('Program', 'name path made_with arguments', defaults=((),))


class Unavailable(Exception):
    """A peer cannot be built here, and why."""


def call(*command, folder=None, env=None):
    """Run a command that is expected to work: its output."""
    done = subprocess.run(list(map(str, command)), cwd=folder, env=env, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()
        raise Unavailable(f'{command[0]} failed:\n    ' + '\n    '.join(lines[-15:]))
    return done.stdout


def first_line(*command):
    return call(*command).splitlines()[0]


def need(tool, what_to_install):
    if not shutil.which(tool):
        raise Unavailable(f'{tool} is missing: install {what_to_install}')


def build_ours(source, build):
    """The program of this library, and the calibration, by its own build, optimised."""
    if shutil.which('dpkg-query'):
        call(source / '.ci/need', 'gcc', 'libc6-dev', 'meson', 'ninja-build', 'pkg-config',
             'libcmocka-dev')
    folder = build / 'actor'
    if not (folder / 'build.ninja').exists():
        call('meson', 'setup', folder, source, '-Dbuildtype=release', '-Dexamples=false')
    call('ninja', '-C', folder, 'tests/benchmark/actor-benchmark',
         'tests/benchmark/calibrate')
    path = folder / 'tests/benchmark/actor-benchmark'
    return (Program(matrix.OURS, path, first_line('cc', '--version')),
            folder / 'tests/benchmark/calibrate')


def preprocess(text):
    """What the preprocessor makes of it, or None."""
    done = subprocess.run(['g++', '-E', '-P', '-x', 'c++', '-'], input=text, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout if done.returncode == 0 else None


def caf_version():
    number = int(preprocess('#include <caf/config.hpp>\nCAF_VERSION').split()[-1])
    return f'{number // 10000}.{number // 100 % 100}.{number % 100}'


def build_caf(peers, build):
    need('g++', "g++ and Debian's libcaf-dev")
    if preprocess('#include <caf/all.hpp>') is None:
        raise Unavailable("caf/all.hpp is missing: install Debian's libcaf-dev")
    path = build / 'caf-benchmark'
    sources = sorted((peers / 'caf').glob('*.cpp'))
    call('g++', '-std=c++17', '-O3', '-DNDEBUG', *sources, '-o', path, '-lcaf_core', '-pthread')
    return Program('caf', path, f'CAF {caf_version()}; {first_line("g++", "--version")}')


def build_go(peers, build):
    need('go', "Go from https://go.dev or Debian's golang")
    path = build / 'go-benchmark'
    call('go', 'build', '-o', path, '.', folder=peers / 'go')
    return Program('go', path, first_line('go', 'version'))


def build_uv(build):
    """Made by our own build, where the library is installed."""
    need('pkg-config', 'pkg-config')
    version = call('pkg-config', '--modversion', 'libuv').strip()
    call('ninja', '-C', build / 'actor', 'tests/benchmark/uv-benchmark')
    return Program('uv', build / 'actor/tests/benchmark/uv-benchmark',
                   f'libuv {version}; {first_line("cc", "--version")}')


def build_cargo(name, peers, build):
    """In a copy of the sources, so that the lock file stays out of them."""
    need('cargo', 'Rust from https://rustup.rs')
    folder = build / 'rust' / name
    shutil.copytree(peers / name, folder, dirs_exist_ok=True)
    shutil.copy(peers / 'harness.rs', build / 'rust')
    messages = call('cargo', 'build', '--release', '--message-format=json', '--target-dir',
                    build / 'rust' / 'target', folder=folder)
    made = [json.loads(line) for line in messages.splitlines() if line.startswith('{')]
    paths = [message['executable'] for message in made if message.get('executable')]
    if not paths:
        raise Unavailable('cargo made no program')
    tree = call('cargo', 'tree', '--depth', '1', '--prefix', 'none', folder=folder)
    crates = ', '.join(' '.join(line.split()[:2]) for line in tree.splitlines()[1:])
    return Program(name, paths[-1], f'{crates}; {first_line("rustc", "--version")}')


def build_peer(name, peers, build):
    if not (peers / name).is_dir():
        raise Unavailable('it is not written')
    if name == 'caf':
        return build_caf(peers, build)
    if name == 'go':
        return build_go(peers, build)
    if name == 'uv':
        return build_uv(build)
    return build_cargo(name, peers, build)


def build_all(names, source, build, say):
    """The calibration, the programs in the order of names, and why others are left out."""
    programs, left_out = [], {}
    build.mkdir(parents=True, exist_ok=True)
    say('building ' + matrix.OURS)
    ours, calibrate = build_ours(source, build)
    for name in names:
        if name == matrix.OURS:
            programs.append(ours)
            continue
        try:
            say(f'building {name}')
            programs.append(build_peer(name, source / 'tests/benchmark/peers', build))
        except Unavailable as reason:
            left_out[name] = str(reason)
            say(f'skipped: {name}: {reason}')
    return calibrate, programs, left_out


def given(text):
    """A program that was built elsewhere: NAME=PATH."""
    name, _, path = text.partition('=')
    return Program(name, os.path.abspath(path), 'as given')
