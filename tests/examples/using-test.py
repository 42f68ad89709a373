#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a program of somebody else's build the way the README says?

    using-test.py SOURCE BUILD SANITIZER

Its first program is built by the passages of the README under "Using it": by Meson, with the library
as a subproject; and by pkg-config, with the library of BUILD installed in a folder of its own. A
library with a sanitizer (other than "none") cannot be linked by the latter: then that is left out.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD, SANITIZER = (pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3])
README = (SOURCE / 'README.md').read_text()


def passage(language, beginning):
    """What there is between fences, and begins so."""
    blocks = re.findall(rf'^```{language}\n(.*?)^```', README, re.M | re.S)
    return next(block for block in blocks if block.startswith(beginning))


def run(*command, **options):
    done = subprocess.run(list(map(str, command)), text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise AssertionError(f'{command}: {done.stdout}')
    return done.stdout


class Using(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        shutil.copy(SOURCE / 'examples/guide/hello.c', self.folder / 'program.c')
        self.expected = (SOURCE / 'tests/examples/expected/hello.txt').read_text()

    def test_with_meson_as_a_subproject(self):
        (self.folder / 'meson.build').write_text("project('program', 'c')\n" +
                                                 passage('meson', 'actor_impl ='))
        (self.folder / 'subprojects').mkdir()
        (self.folder / 'subprojects/actor').symlink_to(SOURCE)
        run('meson', 'setup', 'build', '--wrap-mode=nofallback',
            '--force-fallback-for=actor-impl', cwd=self.folder)
        run('ninja', '-C', 'build', cwd=self.folder)
        self.assertEqual(run('build/program', cwd=self.folder), self.expected)

    @unittest.skipUnless(SANITIZER == 'none', 'the library wants a sanitizer')
    @unittest.skipUnless(shutil.which('pkg-config'), 'there is no pkg-config')
    def test_with_pkg_config_installed(self):
        root = self.folder / 'root'
        run('meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', root)
        found = next(root.rglob('actor-impl.pc')).parent
        there = {**os.environ, 'PKG_CONFIG_PATH': str(found), 'PKG_CONFIG_SYSROOT_DIR': str(root),
                 'LD_LIBRARY_PATH': str(found.parent)}
        run('sh', '-e', '-c', passage('sh', 'cc program.c'), cwd=self.folder, env=there)
        self.assertEqual(run('./program', cwd=self.folder, env=there), self.expected)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
