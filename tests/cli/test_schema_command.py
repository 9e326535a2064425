# SPDX-License-Identifier: GPL-3.0-or-later
"""`station schema`, and what no other test asks for in JSON, held against its schema as all that a command prints."""

from __future__ import annotations

import json
from pathlib import Path

from station.schemas import schema_names, schema_text
from tests.cli.cli_shell import Shell
from tests.schemas.held import hold_line


def test_it_is_printed_by_name(shell: Shell) -> None:
    assert shell("schema").out.split() == list(schema_names())
    assert shell("schema", "--json").json == [{"schema": 1, "schemas": list(schema_names())}]
    assert shell("schema", "batch", "list").out == schema_text("batch-list")
    assert shell("schema", "batch-list").out == schema_text("batch-list")
    wrong = shell("schema", "no", "such")
    assert (wrong.code, "there is no schema “no such”" in wrong.err) == (2, True)


def test_what_no_other_test_asks_for_is_as_promised(shell: Shell) -> None:
    for words in (
        ("profile", "new", "fan", "--like", "agent", "--product", "a1Fan"),
        ("profile", "keys", "esp-nvs"),
        ("report", "labels"),
        ("config", "show"),
        ("udev", "print"),
        ("help",),
    ):
        done = shell(*words, "--json")  # and held
        assert (done.code, done.out.startswith('{"schema"')) == (0, True), (words, done.err)


def test_the_file_of_a_shift_is_as_promised(shell: Shell) -> None:
    done = shell("report", "handover", "--to", "OP1042")
    assert done.code == 0, done.err
    hold_line("handover", json.loads(Path(done.out.strip()).with_suffix(".json").read_text()))
