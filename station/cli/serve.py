# SPDX-License-Identifier: GPL-3.0-or-later
"""`station serve` and `station serve token …`."""

from __future__ import annotations

import click

from station.cli.account import account
from station.cli.completing import profile_option
from station.cli.context import Context, json_option
from station.cli.output import print_json, print_line, print_table, say
from station.cli.spoken import SpokenGroup


@click.group(invoke_without_command=True, cls=SpokenGroup)
@profile_option
@click.pass_context
def serve(click_context: click.Context, profile_name: str | None) -> int | None:
    """Give certificates to line clients that write boards themselves, by HTTP, until a signal; needs the extra “serve”.

    The exchange of the vendor's own distribution tool: POST JSON to /, with the header `Authorization: Bearer TOKEN`.
    `{"ProductKey", "DeviceID", "Action": 0}` allocates: the answer has ProductKey, ProductSecret, DeviceName,
    DeviceSecret, DeviceID, CRC32 and Status OK; from then on the certificate is that board's. Action 1 says that it is
    burned, with SHA256 (as the agent's digest) or CRC32 of what was read back from the board; 2, that it failed:
    it is in doubt, and the same DeviceID gets the same again. A board that is done is told ALREADY_DONE, without a
    secret; FAIL comes with Code, Message and Do. DeviceID is what the chip says of itself; without one nothing is
    given. [serve] has host, port, cert_file, key_file, accept ("digest", or "partial" for CRC32, "reported" for a mere
    word) and confirm_s, after which a silent client's board is in doubt.
    """
    if click_context.invoked_subcommand is not None:
        return None
    ctx: Context = click_context.obj
    from station.bench.audience import audience_of
    from station.bench.lines import text_lines
    from station.distribution.run import clients_of, require_servable, serving_of
    from station.distribution.run import serve as serve_clients
    from station.outbox.asking import permit_of
    from station.targets.slots import SlotSpec
    from station.words.run_lines import RunLines

    serving, profile = serving_of(ctx.config), ctx.profile(profile_name)
    require_servable(profile)
    slots = [SlotSpec(name=client.slot, path=client.slot) for client in clients_of(ctx.config).all()]
    audience, permit = audience_of(ctx.config, slots), permit_of(ctx.config)
    if not slots:
        say("nobody has a token yet: station serve token add NAME")
    with ctx.open_ledger() as ledger:
        return serve_clients(ctx.config, ledger, profile, permit, serving, audience, text_lines(RunLines(ctx.words)))


@serve.group(cls=SpokenGroup)
def token() -> None:
    """Who may ask for certificates: clients by name, each with a token of its own."""


@token.command("add")
@click.argument("name")
@click.pass_obj
def add_command(ctx: Context, name: str) -> None:
    """Make a token for the client NAME and print it: this once, only its hash is kept."""
    from station.distribution.run import clients_of

    clients = clients_of(ctx.config)
    made = clients.add(name)
    try:
        _note(ctx, "token added", name)
    except BaseException:
        clients.remove(name)  # nobody has seen it
        raise
    print_line(made.reveal())


@token.command("list")
@json_option
@click.pass_obj
def list_command(ctx: Context, *, as_json: bool) -> None:
    """The clients' names, and since when they have their tokens."""
    from station.distribution.run import clients_of

    clients = clients_of(ctx.config).all()
    for client in clients:
        if as_json:
            print_json({"client": client.name, "since": client.since})
    if not clients and as_json:
        print_json({"clients": []})
    elif clients and not as_json:
        print_table(("client", "since"), [(client.name, client.since) for client in clients])


@token.command("remove")
@click.argument("name")
@click.pass_obj
def remove_command(ctx: Context, name: str) -> None:
    """Take the token of the client NAME away; a station that serves refuses it from now on."""
    from station.distribution.run import clients_of

    clients_of(ctx.config).remove(name)  # whatever the ledger says: it is out at once
    _note(ctx, "token removed", name)
    say(f"client {name} has no token any more")


def _note(ctx: Context, event: str, client: str) -> None:
    """In the audit, where there is a ledger already."""
    if ctx.config.text("ledger.url") or ctx.config.ledger_path.exists():
        with ctx.open_ledger() as ledger:
            ledger.audit.note(event, client=client, by=account())
