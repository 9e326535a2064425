# SPDX-License-Identifier: GPL-3.0-or-later
"""`station schema`."""

from __future__ import annotations

import click

from station.cli.context import json_option
from station.cli.output import print_json, print_lines
from station.cli.spoken import Spoken
from station.codes import Code
from station.errors import UsageError
from station.meant import perhaps


@click.command(cls=Spoken)
@click.argument("words", nargs=-1, metavar="[NAME]")
@json_option
def schema(words: tuple[str, ...], *, as_json: bool) -> None:
    """The JSON Schema (2020-12) of a line that a command prints with --json; without NAME, which there are.

    NAME is the command, as in `station schema batch list`; `flash` has the events, `andon` those of the andon's
    outputs, `outbox` those of its receivers, `handover` the file of a shift. Fields are only added.
    """
    from station.schemas import schema_names, schema_text

    name, known = "-".join(words), schema_names()
    if name and name not in known:
        meant = perhaps(name, known)
        raise UsageError(
            f"there is no schema “{' '.join(words)}”{meant}", do="all of them: station schema", code=Code.E100
        )
    if name:
        print_lines(schema_text(name))
    elif as_json:
        print_json({"schemas": list(known)})
    else:
        print_lines("\n".join(known))
