# SPDX-License-Identifier: GPL-3.0-or-later
"""A page of `station.docs` as a terminal shows it: the Markdown that is used there, laid out by cells, without marks.

Pictures and comments are left out; a link to another page says the command that shows it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from station.cli.table import broken, laid_out
from station.words.width import cells

_COMMENT = re.compile(r"^<!--.*?-->\n?", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"!?\[([^\]]+)\]\(([^)]*)\)")
_PAGE = re.compile(r"([a-z]+)(?:\.[a-z]+)?\.md(?:#.*)?")
_ITEM = re.compile(r"(- |\d+\. )")
_EMPHASIS = re.compile(r"(\*\*|\*)(?=\S)(.+?)(?<=\S)\1")
_BETWEEN_WIDE = re.compile(r"(?<=[\u2e80-\uffef])\n(?=[\u2e80-\uffef])|(?<=[\u3001\u3002\uff01-\uff1f])\n")
"""Where no blank stands in a text whose letters need none; their marks bring their own."""


def page_lines(markdown: str, width: int) -> Iterator[str]:
    """At most `width` cells each, but for commands and files, which stay as they are."""
    text = _COMMENT.sub("", markdown)
    for number, block in enumerate(_blocks(text)):
        if number:
            yield ""
        yield from _block(block, width)


def _blocks(text: str) -> Iterator[list[str]]:
    """Blank lines part them, but not within a fence."""
    block: list[str] = []
    fenced = False
    for line in text.splitlines():
        fenced ^= line.startswith("```")
        if line.strip() or fenced:
            block.append(line)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _block(lines: list[str], width: int) -> Iterator[str]:
    first = lines[0]
    if first.startswith("```"):
        yield from (f"    {line}".rstrip() for line in lines[1:-1])
    elif first.startswith("#"):
        title = _plain(first.lstrip("# "))
        yield from (title, ("═" if first.startswith("# ") else "─") * cells(title))
    elif first.lstrip().startswith("|"):
        indent = " " * (len(first) - len(first.lstrip()))
        head, _, *body = map(_cells_of, lines)
        yield from (indent + line for line in laid_out([head, *body], width - len(indent), ruled=True))
    elif _ITEM.match(first):
        yield from _items(lines, width)
    else:
        yield from broken(_plain(_joined(lines)), width)


def _joined(lines: Sequence[str]) -> str:
    return _BETWEEN_WIDE.sub("", "\n".join(lines)).replace("\n", " ")


def _items(lines: Sequence[str], width: int) -> Iterator[str]:
    items: list[list[str]] = []
    for line in lines:
        if _ITEM.match(line) or not items:
            items.append([line])
        else:
            items[-1].append(line.strip())
    for item in items:
        mark = _ITEM.match(item[0])
        sign = mark[0] if mark else ""
        said = broken(_plain(_joined(item).removeprefix(sign)), width - len(sign))
        yield from ((sign if number == 0 else " " * len(sign)) + line for number, line in enumerate(said))


def _cells_of(line: str) -> list[str]:
    return [_plain(cell.strip()) for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def _plain(text: str) -> str:
    """Without marks; what stands in backquotes is kept letter by letter."""
    parts = []
    for at, part in enumerate(re.split(r"`([^`]*)`", _LINK.sub(_linked, text))):
        parts.append(part if at % 2 else _EMPHASIS.sub(r"\2", part))
    return "".join(parts).replace(r"\|", "|")


def _linked(found: re.Match[str]) -> str:
    if found[0].startswith("!"):
        return ""
    page = _PAGE.fullmatch(found[2])
    if page is None:
        return found[1]
    shows_it = f"station help {page[1]}"
    return shows_it if page[1] == found[1] else f"{found[1]} ({shows_it})"
