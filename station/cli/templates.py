# SPDX-License-Identifier: GPL-3.0-or-later
"""`station templates`: the firmware side, out of the installed package."""

from __future__ import annotations

from pathlib import Path

import click

from station.cli.context import json_option
from station.cli.output import print_json, print_line, say
from station.cli.spoken import SpokenGroup


@click.group(cls=SpokenGroup)
def templates() -> None:
    """The device's side: the agent in C, its ports, and vendors' consoles, to be put into your firmware (0BSD)."""


@templates.command("list")
@json_option
def list_templates(*, as_json: bool) -> None:
    """Name the templates that there are."""
    from station.desk.templates import names

    if as_json:
        print_json({"templates": names()})
    else:
        for name in names():
            print_line(name)


@templates.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def copy(names: tuple[str, ...], folder: Path) -> None:
    """Copy NAME, or all, with licence and README into DIR; overwrites nothing."""
    from station.desk.templates import copy as copy_to

    for path in copy_to(names, folder):
        print_line(str(path))
    say(f"read {folder / 'README.md'}")
