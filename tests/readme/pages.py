# SPDX-License-Identifier: GPL-3.0-or-later
"""What people read, README and the pages of `station.docs`, and the blocks of code in them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from station.docs import TOPICS, name_of
from station.model import Language

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "station" / "docs"
PAIR = (Language.ENGLISH, Language.CHINESE)
README = (ROOT / "README.md", ROOT / "README.zh-CN.md")
PAIRS = {
    "README": README,
    **{topic: (DOCS / name_of(topic, PAIR[0]), DOCS / name_of(topic, PAIR[1])) for topic in TOPICS},
}
"""English and Chinese, by topic; README first, as people read them."""
EVERY = [page for pair in PAIRS.values() for page in pair]
STORY = "A batch of 500"
"""How the section begins that is read by itself, from an empty folder."""
_BLOCK = re.compile(r"(?:^<!-- not run: (?P<why>[^\n]+) -->\n)?^```(?P<head>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)


class Block(NamedTuple):
    kind: str  # console, toml, …
    file: str  # what stands behind the kind: the session writes it
    text: str
    why_not: str  # it is not run
    section: str = ""  # the heading that it stands under


def blocks(page: Path) -> Iterator[Block]:
    text = page.read_text("utf-8")
    for found in _BLOCK.finditer(text):
        kind, _, file = found["head"].partition(" ")
        section = re.findall(r"^#{2,} (.+)$", text[: found.start()], re.M)
        yield Block(kind, file, found["text"], found["why"] or "", section[-1] if section else "")
