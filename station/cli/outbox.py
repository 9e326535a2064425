# SPDX-License-Identifier: GPL-3.0-or-later
"""`station outbox …`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.context import Context, json_option
from station.cli.dry_run import dry_run_option
from station.cli.naming import require_reason
from station.cli.output import print_json, print_table, print_told, say, spoken
from station.cli.pager import paged
from station.cli.spoken import SpokenGroup
from station.cli.supervising import require_supervisor, supervisor_options
from station.codes import Exit
from station.errors import StationError

if TYPE_CHECKING:
    from station.ledger.outbox import ReceiverStatus


@click.group(cls=SpokenGroup)
def outbox() -> None:
    """Events for the factory's systems: one for each board's stay, delivered at least once, a board's in order.

    Each receiver is a table [outbox.NAME] of station.toml with one of these keys: `post` for an HTTP POST (with
    `token_file`, or `cert_file` and `key_file`, `ca_file`), `file` for JSON lines (a new file each `largest_mb`),
    `command` for a program started for each event, `mqtt` for an MQTT 5 broker, mqtts://HOST:PORT (with `topic`,
    `user`, `password_file` or `password_keyring`, certificates as for `post`; `unheard = "taken"` where nobody needs to
    subscribe), `database` for a row each in `table`: sqlite:///PATH or postgresql://ROLE@HOST/DATABASE (with a password
    as for `mqtt`; extra “line”), made where it is missing. It is told of what ends after it was first there, or from
    `since` on. Events stand in the ledger until they are taken, however long that is; `id` is the same whenever one
    comes twice.
    """


@outbox.command("status")
@json_option
@click.pass_obj
@paged
def status_command(ctx: Context, *, as_json: bool) -> int:
    """What each receiver has, what waits for it and what it refused. Exit code 6 when one refused an event."""
    from station.outbox.reading import outbox_of

    configured = {receiver.name for receiver in outbox_of(ctx.config).receivers}
    with ctx.look() as ledger:
        known = ledger.outbox.standings()
    if as_json:
        for one in known:
            print_json(_content(one, is_configured=one.name in configured))
        if not known:
            print_json({"receivers": []})
    elif known:
        print_table(
            ("receiver", "waiting", "oldest", "refused", "trouble"),
            [
                (one.name, one.waiting, _moment(one.oldest), len(one.refused), spoken(_trouble(one, configured)))
                for one in known
            ],
        )
        for one in known:
            for event in one.refused:
                print_told(f"{one.name} refused event {event.number} of board {event.uid or '-'}: {event.why}")
    elif not configured:
        say("no receiver is configured: see station outbox --help")
    for name in sorted(configured - {one.name for one in known}):
        say(f"{name}: nothing was sent to it yet; it begins with the next run, or: station outbox send")
    return Exit.PERSON_NEEDED if any(one.refused for one in known) else Exit.OK


@outbox.command("send")
@click.pass_obj
def send_command(ctx: Context) -> int:
    """Send what is left, once, beside a bench or without one. Exit code 3 when a receiver does not take it."""
    from station.outbox.courier import Courier
    from station.outbox.outbox import of_trouble
    from station.outbox.reading import outbox_of
    from station.words.told import error_line

    box = outbox_of(ctx.config)
    failed: list[str] = []

    def tell(name: str, error: StationError | None, refused: str) -> None:
        say(error_line(of_trouble(name, error, refused), ctx.words))

    with ctx.open_ledger() as ledger:
        for receiver in box.receivers:
            try:
                alone = Courier(receiver, ledger, box.bench, tell).send()
            except StationError as error:
                failed.append(receiver.name)
                tell(receiver.name, error, "")
            else:
                print_told(
                    f"{receiver.name}: all is sent" if alone else f"{receiver.name}: a station that runs sends to it"
                )
            finally:
                receiver.close()
    return Exit.STATION_FAULT if failed else Exit.OK


@outbox.command("retry")
@click.argument("receiver")
@click.option("--event", "number", type=int, help="Its number; all that RECEIVER refused where none is given.")
@json_option
@click.pass_obj
def retry_command(ctx: Context, receiver: str, number: int | None, *, as_json: bool) -> None:
    """Have what RECEIVER refused tried again: with the next events, or by `station outbox send`."""
    with ctx.open_ledger() as ledger:
        again = ledger.outbox.retry(receiver, number)
    if as_json:
        print_json({"receiver": receiver, "tried_again": again})
    else:
        say(f"{len(again)} events are tried again")


@outbox.command("skip")
@click.argument("receiver")
@click.argument("number", type=int)
@click.option("--reason", required=True, help="Why it is not needed there; written in the audit.")
@supervisor_options
@dry_run_option
@json_option
@click.pass_obj
def skip_command(
    ctx: Context, receiver: str, number: int, reason: str, as_supervisor: str, pin_file: Path | None, *, as_json: bool
) -> None:
    """Never send the event NUMBER to RECEIVER; what comes after it of the same board goes on."""
    said = require_reason(reason, "entered by hand in the MES")
    with ctx.open_ledger() as ledger:
        by = require_supervisor(ledger, as_supervisor, pin_file, purpose=f"skip event {number} for {receiver}")
        ledger.outbox.skip(receiver, number, said, by=by)
    if as_json:
        print_json({"receiver": receiver, "skipped": number})
    else:
        say(f"event {number} is not sent to {receiver}")


def _content(one: ReceiverStatus, *, is_configured: bool) -> dict[str, object]:
    return {
        "receiver": one.name,
        "configured": is_configured,
        "since": one.since,
        "waiting": one.waiting,
        "oldest": _moment(one.oldest) or None,
        "trouble": one.trouble or None,
        "refused": [
            {"event": event.number, "uid": event.uid or None, "why": event.why, "ended": _moment(event.ended)}
            for event in one.refused
        ],
    }


def _trouble(one: ReceiverStatus, configured: set[str]) -> str:
    return one.trouble if one.name in configured else "no longer in station.toml"


def _moment(at: float | None) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at is not None else ""
