# SPDX-License-Identifier: GPL-3.0-or-later
"""`station slots`: where the fixture's positions are."""

from __future__ import annotations

import click

from station.cli.context import Context, json_option
from station.cli.output import print_json, print_table
from station.errors import Exit


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def slots(click_context: click.Context, *, as_json: bool) -> int:
    """Fixture positions and what is plugged in: each slot with its port, then the ports that belong to no slot.

    A port outside the list is never opened. `station slots assign NAME` learns a slot by plugging in a board.
    """
    if click_context.invoked_subcommand is not None:
        return Exit.OK
    from station.targets import usb
    from station.targets.slots import SlotSpec, is_fixed, match, skipped, slot_faults

    configured = [SlotSpec(name=line.name, path=line.path) for line in click_context.obj.config.slots]
    seen = usb.scan()
    found, others = match(seen, configured), skipped(seen, configured)
    faults = slot_faults(configured)
    if as_json:
        print_json(
            {
                "slots": [
                    {
                        "name": slot.name,
                        "path": slot.path,
                        "device": found[slot.name].device if slot.name in found else None,
                        "serial": found[slot.name].serial if slot.name in found else None,
                    }
                    for slot in configured
                ],
                "skipped": [
                    {"device": p.device, "path": p.topology, "serial": p.serial, "usb": p.usb_id, "product": p.product}
                    for p in others
                ],
                "faults": faults,
            }
        )
    else:
        rows = [
            (
                slot.name,
                slot.path,
                found[slot.name].device if slot.name in found else "fixed" if is_fixed(slot.path) else "empty",
                found[slot.name].product if slot.name in found else "",
            )
            for slot in configured
        ]
        rows += [("–", p.topology or "place unknown", p.device, p.product) for p in others]
        print_table(("slot", "path", "port", "adapter"), rows)
        if not configured:
            click.echo("no slot is configured: station slots assign 1", err=True)
        for fault in faults:
            click.echo(fault, err=True)
    return Exit.USAGE if faults else Exit.OK


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

    path = ctx.config.path
    learned = []
    for name in names:
        click.echo(f"plug a board into slot {name} …", err=True)
        port = learn_port(wait_s=wait_s)
        keep_port(path, name, port, same=same_port)
        learned.append({"name": name, "path": port})
        click.echo(f"slot {name} is {port}", err=True)
    if as_json:
        print_json({"assigned": learned, "file": str(path)})
    else:
        click.echo("for /dev/station names and permissions: sudo station udev install", err=True)
    return Exit.OK
