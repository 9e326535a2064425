# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of codes and of events' fields are as the program is now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from station.codes import Code
from station.model import Language
from station.schemas import schema_text
from tests.readme.chinese_fields import MEANINGS
from tests.readme.made import made
from tests.readme.pages import PAIR, PAIRS

WRITES = "python -m tests.readme.made writes it; new meanings are put into Chinese in tests/readme/chinese_fields.py"


@pytest.mark.parametrize("language", PAIR)
@pytest.mark.parametrize("topic", PAIRS)
def test_what_is_made_is_up_to_date(topic: str, language: Language) -> None:
    text = PAIRS[topic][language is Language.CHINESE].read_text("utf-8")
    assert made(text, language) == text, WRITES


def test_each_meaning_is_put_into_chinese() -> None:
    said = set()
    for name in ("flash", "andon", "outbox"):
        schema = json.loads(schema_text(name))
        said |= {a.get("description") for kind in schema.get("anyOf", [schema]) for a in kind["properties"].values()}
    assert said - {None} - set(MEANINGS) == set(), WRITES


@pytest.mark.parametrize("language", PAIR)
def test_the_tables_are_there_and_whole(language: Language) -> None:
    def page(topic: str) -> str:
        return Path(PAIRS[topic][language is Language.CHINESE]).read_text("utf-8")

    _, _, codes = page("errors").partition("<!-- codes -->")
    assert [code for code in Code if f"| {code} |" not in codes] == []
    for name in ("flash", "andon", "outbox"):
        _, _, table = page("events").partition(f"<!-- fields: {name} -->")
        schema = json.loads(schema_text(name))
        fields = {field for kind in schema.get("anyOf", [schema]) for field in kind["properties"]}
        assert fields and not {f for f in fields if f"\n| `{f}` |" not in table.partition("<!-- end -->")[0]}
