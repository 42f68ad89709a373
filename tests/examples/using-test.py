#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does a program of somebody else's build the way the README says?

    using-test.py SOURCE BUILD SANITIZER LIBRARY...

A program for each LIBRARY is built by the passages of the README under "Using it": by Meson, with the
library as a subproject; and by pkg-config, with the library of BUILD installed in a folder of its
own. A library with a sanitizer (other than "none") cannot be linked by the latter: then that is left
out. What is to be read is installed, too.
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
LIBRARIES = sys.argv[4:]
README = (SOURCE / 'README.md').read_text()

# What there is to build with a library, in the examples' folder, and what that is to print.
PROGRAMS = {
    'actor-impl': (['guide/hello.c'], 'hello.txt'),
    'actor-remote': (['remote-sum/remotes.c', 'remote-sum/sum.c', 'guide/remote.c'], 'remote.txt'),
}

# What is to be read: of all, and of each library.
DOCUMENTS = ['CHANGELOG.md', 'LICENSE', 'README.md']
DOCUMENTS_OF = {
    'actor-impl': ['actor-impl/FAILURE.md', 'actor-impl/README.md'],
    'actor-remote': ['actor-remote/PROTOCOL.md', 'actor-remote/README.md',
                     'actor-remote/SECURITY.md'],
}


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

    def copy(self, library):
        """Make a folder in which there is program.c; what that is to print."""
        folder = self.folder / library
        folder.mkdir()
        sources, expected = PROGRAMS[library]
        for source in [SOURCE / 'examples' / source for source in sources]:
            for file in [source, *source.parent.glob('*.h')]:
                shutil.copy(file, folder)
        (folder / 'program.c').write_text(''.join(f'#include "{pathlib.Path(source).name}"\n'
                                                  for source in sources))
        return folder, (SOURCE / 'tests/examples/expected' / expected).read_text()

    def test_with_meson_as_a_subproject(self):
        for library in LIBRARIES:
            folder, expected = self.copy(library)
            (folder / 'meson.build').write_text(
                "project('program', 'c')\n" +
                passage('meson', 'actor_impl =').replace("('actor-impl'", f"('{library}'"))
            (folder / 'subprojects').mkdir()
            (folder / 'subprojects/actor').symlink_to(SOURCE)
            run('meson', 'setup', 'build', '--wrap-mode=nofallback',
                f'--force-fallback-for={library}', cwd=folder)
            run('ninja', '-C', 'build', cwd=folder)
            self.assertEqual(run('build/program', cwd=folder), expected)

    def install(self):
        """Install BUILD; where that is."""
        root = self.folder / 'root'
        run('meson', 'install', '-C', BUILD, '--no-rebuild', '--destdir', root)
        return root

    def test_documents_are_installed(self):
        root = next(self.install().rglob('share/doc/actor'))
        found = {str(path.relative_to(root)): path.read_text()
                 for path in root.rglob('*') if path.is_file()}
        expected = DOCUMENTS + [name for library in LIBRARIES for name in DOCUMENTS_OF[library]]
        self.assertEqual(found, {name: (SOURCE / name).read_text() for name in expected})

    @unittest.skipUnless(SANITIZER == 'none', 'the library wants a sanitizer')
    @unittest.skipUnless(shutil.which('pkg-config'), 'there is no pkg-config')
    def test_with_pkg_config_installed(self):
        root = self.install()
        found = next(root.rglob('actor-impl.pc')).parent
        there = {**os.environ, 'PKG_CONFIG_PATH': str(found), 'PKG_CONFIG_SYSROOT_DIR': str(root),
                 'LD_LIBRARY_PATH': str(found.parent)}
        for library in LIBRARIES:
            folder, expected = self.copy(library)
            run('sh', '-e', '-c', passage('sh', 'cc program.c').replace('actor-impl', library),
                cwd=folder, env=there)
            self.assertEqual(run('./program', cwd=folder, env=there), expected)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1])
