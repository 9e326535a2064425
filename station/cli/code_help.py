# SPDX-License-Identifier: GPL-3.0-or-later
"""`station help`."""

from __future__ import annotations

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_lines
from station.cli.spoken import Spoken
from station.codes import Code
from station.errors import UsageError


@click.command("help", cls=Spoken)
@click.argument("code", required=False, default="")
@json_option
@click.pass_obj
def code_help(ctx: Context, code: str, *, as_json: bool) -> None:
    """What an error code means, what to do and who does it; without a code, all of them in a line each."""
    from station.words.manual import page_lines, page_of

    found = Code.of(code.strip().upper())
    if code and found is None:
        raise UsageError(f"there is no code “{code}”", do="all of them: station help", code=Code.E100)
    for one in (found,) if found else Code:
        if as_json:
            print_json(page_of(one, ctx.words)._asdict())
        elif found:
            print_lines("\n".join(page_lines(one, ctx.words)))
        else:
            print_line(f"{one}  {ctx.words.codes[one].what}  →  {ctx.words.codes[one].do}")
