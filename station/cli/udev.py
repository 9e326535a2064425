# SPDX-License-Identifier: GPL-3.0-or-later
"""`station udev`: rules for this bench's ports."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_lines, say
from station.cli.spoken import SpokenGroup
from station.codes import Exit

if TYPE_CHECKING:
    from station.targets.slots import SlotSpec

_group = click.option(
    "--group", default="dialout", show_default=True, help="Group that may open the ports; “uucp” on some systems."
)


@click.group(cls=SpokenGroup)
def udev() -> None:
    """Rules that give slots stable names (/dev/station/slotN), permissions and short latency, and keep others away."""


@udev.command("print")
@_group
@json_option
@click.pass_obj
def print_rules(ctx: Context, group: str, *, as_json: bool) -> int:
    """Print the rules for the configured slots."""
    from station.targets.usb_rules import rules

    text = rules(_slots(ctx), group=group)
    if as_json:
        print_json({"rules": text})
    else:
        print_lines(text)
    return Exit.OK


@udev.command()
@_group
@click.option(
    "--file",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("/etc/udev/rules.d/60-station.rules"),
    show_default=True,
    help="Where the rules go.",
)
@click.pass_obj
def install(ctx: Context, group: str, path: Path) -> int:
    """Write the rules and have udev read them; needs root. Ports that are plugged in get their names at once."""
    from station.targets.usb_rules import install_rules

    applied = install_rules(_slots(ctx), path, group=group)
    say(f"wrote {path}")
    if not applied:
        say("udev does not run here, so nothing was reloaded")
    return Exit.OK


def _slots(ctx: Context) -> list[SlotSpec]:
    from station.targets.slots import SlotSpec

    return [SlotSpec(name=line.name, path=line.path) for line in ctx.config.slots]
