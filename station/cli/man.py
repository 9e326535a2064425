# SPDX-License-Identifier: GPL-3.0-or-later
"""`station man`: the manual page."""

from __future__ import annotations

import click

from station.cli.output import print_lines
from station.cli.spoken import Spoken
from station.codes import Exit


@click.command(cls=Spoken)
@click.pass_context
def man(ctx: click.Context) -> int:
    """Print the manual page of all commands, as troff.

    \b
    station man | man -l -
    station man > ~/.local/share/man/man1/station.1
    """
    from station.cli.man_page import man_page

    print_lines(man_page(ctx.find_root().command).rstrip("\n"))
    return Exit.OK
