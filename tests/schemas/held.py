# SPDX-License-Identifier: GPL-3.0-or-later
"""Every line of JSON that a command prints in any test is held against the schema that is shipped for it.

Strictly: a field that the schema does not name is a fault here, though readers out there must pass over it.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from typing import Any

import click
from jsonschema import Draft202012Validator

from station.cli import cli
from station.schemas import schema_names, schema_text

_MOST = 20
_WITH_A_VALUE = ("--config", "--set")


def name_of(words: Sequence[str]) -> str:
    """`batch-list` of what follows `station` on the command line; empty where no command is named."""
    command: click.Command = cli
    names: list[str] = []
    left = list(words)
    while left and isinstance(command, click.Group):
        word = left.pop(0)
        if word in _WITH_A_VALUE and left:
            left.pop(0)
        elif not word.startswith("-"):
            found = command.get_command(click.Context(command), word)
            if found is None:
                break
            names, command = [*names, word], found
    return "-".join(names)


def hold(command: Sequence[str], out: str) -> None:
    """AssertionError for a line of `out` that is not as the schema of `command`, a whole command line, says. Of a long
    output its beginning and end are looked at."""
    lines = out.splitlines()
    for line in lines[:_MOST] + lines[_MOST:][-_MOST:]:
        if line.startswith('{"schema"') and line.endswith("}"):
            hold_line(name_of(command[3 if command[1] in ("-m", "-c") else 1 :]), json.loads(line))


def hold_line(name: str, content: object) -> None:
    assert name in schema_names(), f"no schema says what {name} prints: add station/schemas/{name}.json"
    wrong = next(iter(_strict(name).iter_errors(content)), None)
    assert wrong is None, f"station/schemas/{name}.json does not say this: {_why(wrong)}\n{json.dumps(content)}"


@functools.cache
def _strict(name: str) -> Draft202012Validator:
    return Draft202012Validator(_closed(json.loads(schema_text(name))))


def _closed(schema: Any) -> Any:
    """Where fields are named, no other is taken."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    return closed | ({"additionalProperties": False} if isinstance(schema.get("properties"), dict) else {})


def _why(wrong: Any) -> str:
    """Of several kinds of line, what is said about the one that comes nearest."""
    if not wrong.context:
        return f"{'/'.join(map(str, wrong.path))}: {wrong.message}"
    kinds: dict[int, list[Any]] = {}
    for one in wrong.context:
        kinds.setdefault(one.schema_path[0], []).append(one)
    nearest = min(kinds.values(), key=len)
    return "; ".join(_why(one) for one in nearest)
