#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Names the links in the documents of the source tree whose file or heading is not there:
#     links.py TREE

import pathlib
import re
import sys


def anchors(file):
    """The names that a forge gives the headings of a document."""
    for heading in re.findall(r'^#+ (.*)$', file.read_text(), re.M):
        yield re.sub(r'[^\w\- ]', '', heading.lower()).strip().replace(' ', '-')


top = pathlib.Path(sys.argv[1]).resolve()
documents = [*top.glob('*.md'), *top.glob('docs/**/*.md'), *top.glob('tools/**/*.md')]
links = bad = 0
for document in documents:
    for link in re.findall(r'\]\(([^)\s]+)\)', document.read_text()):
        if re.match(r'[a-z]+:', link):
            continue
        links += 1
        path, _, anchor = link.partition('#')
        file = document.parent / path if path else document
        if not file.exists() or anchor and file.suffix == '.md' and anchor not in anchors(file):
            bad += 1
            print(f'{document.relative_to(top)}: {link}')
sys.exit(bad > 0 or links < 50)
