# SPDX-License-Identifier: GPL-3.0-or-later
"""Each command with --json has its schema, each schema is one, and what was promised stays. That real lines are as the
schemas say is looked at wherever a test runs a command: see `held`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from enum import StrEnum

import click
import pytest
from jsonschema import Draft202012Validator

from station.andon.light import Light
from station.andon.line import of_bench, of_notice, of_tile
from station.cli import cli
from station.codes import Blame, Code
from station.doctor import Level
from station.events import Notice, Phase, SlotEvent, SlotState
from station.model import Holding, IdentityKind, State
from station.rules import Outcome
from station.schemas import schema_names, schema_text
from tests.schemas import promised
from tests.schemas.held import hold_line, name_of

NO_COMMANDS = {"andon", "handover", "outbox"}


def with_json(command: click.Command, name: str = "") -> Iterator[str]:
    """Names of schemas that there must be."""
    if any("--json" in parameter.opts for parameter in command.params):
        yield name
    if isinstance(command, click.Group):
        for word in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), word)
            assert found is not None
            yield from with_json(found, f"{name}-{word}".lstrip("-"))


def test_each_command_with_json_has_a_schema_and_each_schema_a_command() -> None:
    commands = set(with_json(cli))
    lacking = [f"station/schemas/{name}.json" for name in sorted(commands - set(schema_names()))]
    assert not lacking, f"write, in the manner of its neighbours: {', '.join(lacking)}"
    assert set(schema_names()) - commands == NO_COMMANDS


@pytest.mark.parametrize("name", schema_names())
def test_a_schema_is_one_and_names_its_command(name: str) -> None:
    schema = json.loads(schema_text(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:certificate-station:1:{name}"
    kinds = schema.get("anyOf", [schema])
    assert all(kind["title"] and "schema" in kind["required"] for kind in kinds)
    assert len({kind["title"] for kind in kinds}) == len(kinds)


def test_nothing_that_was_promised_goes() -> None:
    now = set(promised.promises())
    kept = now | {line.replace(" always", " at times") for line in now}
    lost = set(promised.promised()) - kept
    assert not lost, "programs out there rely on it; fields are only added: " + "; ".join(sorted(lost))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("flash/slot state", SlotState),
        ("flash/slot phase", Phase),
        ("flash/slot blame", Blame),
        ("andon/slot bench_state", Light),
        ("outbox/visit outcome", Outcome),
        ("certs/certificate state", State),
        ("certs/certificate kind", IdentityKind),
        ("history/history lines[].outcome", Outcome),
        ("profile-try/board holds", Holding),
        ("doctor/findings findings[].level", Level),
    ],
)
def test_words_of_a_field_are_those_of_the_model(place: str, words: type[StrEnum]) -> None:
    said = {line.partition(" may be ")[2] for line in promised.promises() if line.startswith(f"{place} may be ")}
    assert said == {str(word) for word in words}


def test_a_command_is_found_behind_options_of_its_own_and_the_root() -> None:
    assert name_of(["--config", "status", "--set", "a=b", "batch", "list", "--json"]) == "batch-list"
    assert name_of(["slots", "--json"]) == "slots"
    assert name_of(["show", "--json", "certs"]) == "show"


def test_a_line_that_says_more_or_less_than_its_schema_is_a_fault() -> None:
    good = {"schema": 1, "rows": 3, "lines": 2, "head": "ab", "again": False}
    hold_line("ledger-copy", good)
    for bad in (good | {"more": 1}, good | {"rows": "3"}, {"schema": 1}):
        with pytest.raises(AssertionError, match=r"ledger-copy\.json does not say this"):
            hold_line("ledger-copy", bad)
    with pytest.raises(AssertionError, match="add station/schemas/no-such"):
        hold_line("no-such", good)


def test_what_the_andon_tells_is_as_promised() -> None:
    tile = SlotEvent(slot="1", at=0.0, state=SlotState.FAIL, code=Code.E203, uid="5a01", what="no readback")
    notice = Notice(at=0.0, code=Code.E500, what="no identities left", serious=True)
    lines = (
        of_tile(tile, Light.FAIL, Light.FAIL, at_bench="bench-1", batch="77").after_dropping(3),
        of_notice(notice, Light.NO_STOCK, at_bench="bench-1"),
        of_bench(Light.OFF, 0.0, at_bench="bench-1"),
    )
    for line in lines:
        hold_line("andon", json.loads(line.encoded()))
