# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables in the pages that follow from the program: every tile, every error code, the fields of every event.

`python -m tests.readme.made` writes them anew.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from station.codes import Code
from station.model import Language
from station.schemas import schema_text
from station.words.card_words import card_words
from station.words.manual import manual_of
from station.words.tongues import TONGUES
from tests.readme.chinese_fields import MEANINGS
from tests.readme.pages import PAIR, PAIRS

_PLACE = re.compile(r"(<!-- (?P<what>tiles|codes|fields: (?P<name>[a-z]+)) -->\n)(?P<table>.*?)(<!-- end -->)", re.S)
_RULE = "---"
_HEADS = {
    Language.ENGLISH: ("field", "in", "meaning", "all", ", "),
    Language.CHINESE: ("字段", "出现在", "含义", "全部", "、"),
}


def made(text: str, language: Language) -> str:
    """The page with its tables as they follow from the program now."""

    def table(found: re.Match[str]) -> str:
        rows = (
            _fields(found["name"], language)
            if found["name"]
            else {"tiles": _tiles, "codes": _codes}[found["what"]](language)
        )
        return found[1] + "".join(map(_row, rows)) + found[5]

    return _PLACE.sub(table, text)


def _row(cells: tuple[str, ...]) -> str:
    return f"|{'|'.join(cells)}|\n" if cells[0] == _RULE else f"| {' | '.join(cells)} |\n"


def _tiles(language: Language) -> Iterator[tuple[str, ...]]:
    words = TONGUES[language]
    card = card_words(words)
    yield from (card.heads, (_RULE,) * 3)
    for state, about in card.tiles.items():
        word = words.states[state][0]
        yield f"`{state}`" + (f" {word}" if word != state else ""), about.means, about.do


def _codes(language: Language) -> Iterator[tuple[str, ...]]:
    words = TONGUES[language]
    manual = manual_of(words)
    exit_code = "exit" if words.native else "退出码"
    yield from ((manual.code, manual.what, manual.means, manual.do, exit_code), (_RULE,) * 5)
    for code in Code:
        what, do, means = words.codes[code]
        yield str(code), what, means, do, str(int(code.exit))


def _fields(name: str, language: Language) -> Iterator[tuple[str, ...]]:
    field_head, kinds_head, meaning_head, every, between = _HEADS[language]
    yield from ((field_head, kinds_head, meaning_head), (_RULE,) * 3)
    schema = json.loads(schema_text(name))
    kinds: list[dict[str, Any]] = schema.get("anyOf", [schema])
    for field in dict.fromkeys(field for kind in kinds for field in kind["properties"]):
        having = [kind for kind in kinds if field in kind["properties"]]
        abouts = [kind["properties"][field] for kind in having]
        places = every if len(having) == len(kinds) > 1 else between.join(kind["title"] for kind in having)
        yield f"`{field}`", places, _meaning(abouts, language, between)


def _meaning(abouts: list[dict[str, Any]], language: Language, between: str) -> str:
    texts = dict.fromkeys(about["description"] for about in abouts if "description" in about)
    chinese = language is Language.CHINESE
    said = ("；" if chinese else "; ").join(MEANINGS.get(text, text) if chinese else text for text in texts)
    values = [value for about in abouts for value in about.get("enum", [about["const"]] if "const" in about else [])]
    listed = between.join(f"`{'null' if value is None else value}`" for value in dict.fromkeys(values))
    return ("：" if chinese else ": ").join(filter(None, (said, listed)))


if __name__ == "__main__":
    for pair in PAIRS.values():
        for page, language in zip(pair, PAIR, strict=True):
            page.write_text(made(page.read_text("utf-8"), language), "utf-8")
