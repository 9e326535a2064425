# SPDX-License-Identifier: GPL-3.0-or-later
"""`station help CODE`: a page for each error code, without a ledger or a configuration."""

from __future__ import annotations

import json

import pytest

from station.codes import Code, Exit
from station.docs import TOPICS, page_text, title_of
from station.model import Language
from tests.cli.cli_shell import Shell


def test_a_code_is_explained_in_the_language_asked_for_and_all_are_listed(shell: Shell) -> None:
    told = shell("help", "e204")
    assert told.code == Exit.OK
    assert told.out.splitlines()[:3] == [
        "E204  Read-back differs",
        "What it means: Its identity stays with this board",
        "What to do: Red bin",
    ]
    assert "怎么办：放入不良品箱（红）" in shell("--set", "bench.language=zh", "help", "E204").out
    listed = [json.loads(line) for line in shell("help", "--json").out.splitlines()]
    assert [line.get("code") or line["topic"] for line in listed] == [*Code, *TOPICS]
    lines = [json.loads(line) for line in shell("help", "E311", "--json").out.splitlines()]
    assert [(line["schema"], line["code"], line["counted"]) for line in lines] == [(1, "E311", False)]


def test_a_topic_is_printed_for_programs_as_it_is_written(shell: Shell) -> None:
    (page,) = shell("--set", "bench.language=zh", "help", "Recover", "--json").json
    assert page == {
        "schema": 1,
        "topic": "recover",
        "title": title_of("recover", Language.CHINESE),
        "language": "zh",
        "page": page_text("recover", Language.CHINESE),
    }


@pytest.mark.parametrize("code", ["E999", "204", "read-back"])
def test_what_is_no_code_is_said_with_where_they_all_are(shell: Shell, code: str) -> None:
    refused = shell("help", code)
    assert refused.code == Exit.USAGE
    assert "station help" in refused.err
