# SPDX-License-Identifier: GPL-3.0-or-later
"""`station help CODE`: a page for each error code, without a ledger or a configuration."""

from __future__ import annotations

import json

import pytest

from station.codes import Code, Exit
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
    listed = [json.loads(line)["code"] for line in shell("help", "--json").out.splitlines()]
    assert listed == list(Code)
    lines = [json.loads(line) for line in shell("help", "E311", "--json").out.splitlines()]
    assert [(line["schema"], line["code"], line["counted"]) for line in lines] == [(1, "E311", False)]


@pytest.mark.parametrize("code", ["E999", "204", "read-back"])
def test_what_is_no_code_is_said_with_where_they_all_are(shell: Shell, code: str) -> None:
    refused = shell("help", code)
    assert refused.code == Exit.USAGE
    assert "station help" in refused.err
