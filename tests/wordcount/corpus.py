# SPDX-License-Identifier: MIT
"""What wordcount's result must be, and texts to try it on."""

import collections
import gzip
import pathlib
import random
import re
import subprocess

PIPELINE = r'''
for f in "$@"; do cat "$f"; echo; done | LC_ALL=C tr -cs A-Za-z '\n' | LC_ALL=C tr A-Z a-z |
	grep . | LC_ALL=C sort | uniq -c'''


def lines(counts, top=None):
    """The output for these counts: most frequent first, ties in byte order."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return b''.join(b'%d %s\n' % (count, word) for word, count in ranked[:top])


def count(contents):
    """How often each word occurs in some texts, none of which has a part of another's word."""
    counts = collections.Counter()
    for content in contents:
        counts.update(word.lower() for word in re.findall(rb'[A-Za-z]+', content))
    return counts


def parse(out):
    """The same of what the pipeline prints."""
    pairs = (line.split() for line in out.splitlines())
    return {word: int(number) for number, word in pairs}


def count_by_coreutils(paths):
    """The same of files, by the pipeline that defines it."""
    result = subprocess.run(['sh', '-c', PIPELINE, 'sh', *map(str, paths)],
                            stdout=subprocess.PIPE, check=True)
    return parse(result.stdout)


def files_below(*roots):
    """The regular files below directories, in a fixed order."""
    for root in roots:
        for path in sorted(pathlib.Path(root).rglob('*')):
            if path.is_file() and not path.is_symlink():
                yield path


def real_texts(*roots):
    """The contents of all files below directories, unpacked if need be; no binary data."""
    for path in files_below(*roots):
        try:
            content = path.read_bytes()
            if path.suffix == '.gz':
                content = gzip.decompress(content)
        except OSError:
            continue
        if b'\0' not in content:
            yield content


def vary(texts, n_bytes):
    """Texts again and again, shuffled, with ever more words that were not there before."""
    chance = random.Random(1)
    texts = [text for text in texts if text]
    n_round = 0
    while True:
        chance.shuffle(texts)
        for text in texts:
            if n_round > 0:
                words = text.split(b' ')
                for i in range(chance.randrange(60), len(words), 60):
                    words[i] += b'%c%c' % (97 + n_round % 26, 97 + chance.randrange(26))
                text = b' '.join(words)
            yield text[:n_bytes]
            n_bytes -= len(text)
            if n_bytes <= 0:
                return
        n_round += 1
