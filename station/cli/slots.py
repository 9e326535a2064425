# SPDX-License-Identifier: GPL-3.0-or-later
"""`station slots`: where the fixture's positions are."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.completing import slots as offered_slots
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_lines, print_table, say
from station.cli.spoken import SpokenGroup
from station.codes import Code, Exit
from station.errors import ConfigError

if TYPE_CHECKING:
    from station.targets.slots import SeenPort, SlotSpec


@click.group(invoke_without_command=True, cls=SpokenGroup)
@json_option
@click.pass_context
def slots(click_context: click.Context, *, as_json: bool) -> int:
    """Fixture positions and what is plugged in: each slot with its port, then the ports that belong to no slot.

    A port outside the list is never opened. `station slots assign NAME` learns a slot by plugging in a board.
    """
    if click_context.invoked_subcommand is not None:
        return Exit.OK
    from station.targets import usb
    from station.targets.slots import SlotSpec, match, skipped, slot_faults

    configured = [SlotSpec(name=line.name, path=line.path) for line in click_context.obj.config.slots]
    seen = usb.scan()
    found, others = match(seen, configured), skipped(seen, configured)
    faults = slot_faults(configured)
    if as_json:
        shown = [_content(slot, found.get(slot.name)) for slot in configured]
        print_json({"slots": shown, "skipped": [_content_of_skipped(port) for port in others], "faults": faults})
    else:
        text = click_context.obj.words.commands.slots
        rows = [_row(slot, found.get(slot.name)) for slot in configured]
        rows += [("–", port.topology or "place unknown", port.device, port.product) for port in others]
        print_table(text.heads, rows)
        if not configured:
            say(text.none)
        for fault in faults:
            say(fault)
    return Exit.USAGE if faults else Exit.OK


def _content(slot: SlotSpec, port: SeenPort | None) -> dict[str, object]:
    plugged = {"device": port.device if port else None, "serial": port.serial if port else None}
    return {"name": slot.name, "path": slot.path, **plugged}


def _content_of_skipped(port: SeenPort) -> dict[str, object]:
    return {
        "device": port.device,
        "path": port.topology,
        "serial": port.serial,
        "usb": port.usb_id,
        "product": port.product,
    }


def _row(slot: SlotSpec, port: SeenPort | None) -> tuple[str, str, str, str]:
    from station.targets.slots import is_fixed

    if port is None:
        return slot.name, slot.path, "fixed" if is_fixed(slot.path) else "empty", ""
    return slot.name, slot.path, port.device, port.product


@slots.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--wait", "wait_s", default=60.0, show_default=True, metavar="SECONDS", help="For each board.")
@json_option
@click.pass_obj
def assign(ctx: Context, names: tuple[str, ...], wait_s: float, *, as_json: bool) -> int:
    """Learn slots by plugging one board at a time into each, in the order of the names; writes station.toml.

    Example: station slots assign 1 2 3 4
    """
    from station.config.edit import keep_port
    from station.targets.learning import learn_port
    from station.targets.slots import same_port

    path, text = ctx.config.path, ctx.words.commands.slots
    learned = []
    for name in names:
        say(text.plug_in.format(slot=name))
        port = learn_port(wait_s=wait_s)
        keep_port(path, name, port, same=same_port)
        learned.append({"name": name, "path": port})
        say(text.learned.format(slot=name, port=port))
    if as_json:
        print_json({"assigned": learned, "file": str(path)})
    else:
        say(text.permissions)
    return Exit.OK


@slots.command()
@click.argument("name", metavar="SLOT", shell_complete=offered_slots)
@click.pass_obj
def wire(ctx: Context, name: str) -> None:
    """What went over a slot's wire before the last E201, E203 or E208 there: → sent, ← heard, · made of it.

    Secrets are masked. To see all of it as it happens: --trace FILE of flash, run and profile try.
    """
    from station.targets.wire import wire_file

    path = wire_file(ctx.config.state_dir, name)
    if not path.exists() and Path(name).exists():
        from station.bench.setup import choose_slots

        path = wire_file(ctx.config.state_dir, choose_slots(ctx.config, [], [name])[0].name)
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        raise ConfigError(
            f"nothing is kept of slot {name}: no board was silent there, refused or was garbled",
            do="use --trace FILE to see a board that works",
            code=Code.E116,
        ) from None
    print_lines(text)
