# SPDX-License-Identifier: GPL-3.0-or-later
"""`station batch register`: devices with secrets of our own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.asking import require_yes, yes_option
from station.cli.context import Context, cloud_option, json_option
from station.cli.dry import is_dry_run
from station.cli.dry_run import dry_run_option, would
from station.cli.options import chosen_as
from station.cli.output import print_json, print_told, say, say_lines
from station.cli.paying import require_on_purpose
from station.cli.progress_line import ProgressLine, ctrl_c_stops, duration
from station.cli.spoken import Spoken
from station.cli.typed import NAMED
from station.codes import Code, Exit
from station.errors import CloudFault, UsageError, most_serious

if TYPE_CHECKING:
    from station.cloud.capabilities import Registering
    from station.intake.register import RegisterReport, SetPlan
    from station.ledger.registering import OpenBatch
    from station.ledger.store import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The command's options: devices to be registered by `names` or `amount`, or a batch of them to end or give up."""

    cloud: str
    product: str
    names: Path | None
    amount: int | None
    gateway: str
    channels: int | None
    camera_product: str
    batch_id: str | None
    dropped: str | None
    confirmed: int | None
    as_json: bool

    def require_whole(self) -> None:
        ways = (self.names, self.amount, self.batch_id, self.dropped)
        if sum(way is not None for way in ways) != 1 or not (self.batch_id or self.dropped or self.product):
            raise UsageError(
                "say what to register", do="--product P with --names FILE or --amount N; or --resume BATCH"
            )
        if (self.channels is None) == bool(self.camera_product):
            raise UsageError("NVR sets need both", do="--channels N --camera-product P")

    def chosen(self) -> list[str]:
        from station.intake.names import read_names
        from station.intake.register import new_names

        return read_names(self.names) if self.names else new_names(self.amount or 0)

    def sets(self) -> SetPlan | None:
        from station.intake.register import SetPlan

        return SetPlan(channels=self.channels, camera_product=self.camera_product) if self.channels else None

    def checked(self, ledger: Ledger, client: Registering, names: list[str]) -> None:
        """All that is known to be wrong, before anything is planned."""
        from station.intake.register import require_known, require_names

        _require_finished(ledger.registrations.open_batches(), self.product)
        require_known(client, self.product, gateway_id=self.gateway, sets=self.sets())
        require_names(client, self.product, names, sets=self.sets())

    def planned(self, ledger: Ledger, client: Registering, names: list[str]) -> str:
        """The batch id, once all secrets are sealed."""
        from station.intake.register import plan

        self.checked(ledger, client, names)
        return plan(ledger, client, self.product, names, gateway_id=self.gateway, sets=self.sets())

    def resumed(self, ledger: Ledger, _client: Registering) -> str:
        assert self.batch_id is not None
        if self.batch_id not in ledger.registrations.open_batches():
            raise _nothing_left(self.batch_id)
        return self.batch_id


@click.command(cls=Spoken)
@cloud_option
@click.option("--product", default="", help="product_id.")
@click.option("--names", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="node_ids, one a line.")
@click.option("--amount", type=click.IntRange(1, 100_000), help="So many, with names made here.")
@click.option("--gateway", default="", help="device_id of the gateway they are sub-devices of.")
@click.option("--channels", type=click.IntRange(1, 255), help="NVR sets: so many cameras under each.")
@click.option("--camera-product", default="", help="product_id of the cameras.")
@click.option(
    "--confirm-amount", "confirmed", type=int, help="All devices once more, where they are above cloud.ask_above."
)
@yes_option
@dry_run_option
@click.option("--resume", "batch_id", type=NAMED, help="Go on with a batch that was not finished.")
@click.option(
    "--give-up",
    "dropped",
    metavar="BATCH",
    type=NAMED,
    help="End a batch that the cloud never takes, e.g. for want of quota.",
)
@json_option
@click.pass_obj
@chosen_as(_Wish)
def register(ctx: Context, wish: _Wish) -> int:
    """Register devices in a cloud with secrets made here, and put their certificates into the queue.

    The secrets are sealed in the ledger before the cloud hears of them; stopped or killed, go on with --resume.
    """
    wish.require_whole()
    if wish.dropped:
        return _give_up(ctx, wish.dropped)
    names = [] if wish.batch_id else wish.chosen()
    devices = len(names) * (1 + (wish.channels or 0))
    if is_dry_run():
        if wish.batch_id:
            return _would_go_on(ctx, wish.batch_id, as_json=wish.as_json)
        return _tell_only(ctx, wish, names, devices)
    if names:
        asked = f"{devices} devices of {wish.product} are registered; the cloud takes none back by itself"
        require_on_purpose(ctx, devices, wish.confirmed, asked)
    which = wish.resumed if wish.batch_id else lambda ledger, client: wish.planned(ledger, client, names)
    report = _registered(ctx, wish.cloud, which)
    tell(report, as_json=wish.as_json)
    return most_serious(
        [Exit.PERSON_NEEDED if report.unsettled else Exit.OK, Exit.INTERRUPTED if report.left else Exit.OK]
    )


def _tell_only(ctx: Context, wish: _Wish, names: list[str], devices: int) -> Exit:
    """What would be registered, and how long the account's limit makes it."""
    from station.cloud.clouds import open_registration

    with ctx.open_ledger() as ledger, closing(ledger.tokens.lend(open_registration(ctx.config, wish.cloud))) as client:
        wish.checked(ledger, client, names)
        per_s = client.calls_per_s
    if wish.as_json:
        print_json({"event": "dry-run", "product_key": wish.product, "identities": len(names), "devices": devices})
    else:
        time = duration(devices / per_s, ctx.words.commands.progress) if per_s else ""
        lasts = f", {time} at {per_s:g} calls a second" if per_s else ""
        print_told(f"would register {devices} devices, {len(names)} identities{lasts}; nothing was sent")
    return Exit.OK


def _would_go_on(ctx: Context, batch_id: str, *, as_json: bool) -> Exit:
    with ctx.open_ledger() as ledger:
        left = ledger.registrations.open_batches().get(batch_id)
        number = ledger.registrations.left(batch_id)
    if left is None:
        raise _nothing_left(batch_id)
    if as_json:
        about = {"product_key": left.product_key, "identities": number, "devices": left.devices}
        print_json({"event": "dry-run", **about})
    else:
        would(f"register what is left of batch {batch_id}: {number} identities, {left.devices} devices")
    return Exit.OK


def _registered(ctx: Context, cloud: str, which: Callable[[Ledger, Registering], str]) -> RegisterReport:
    """`which` gives the batch to register."""
    from station.cloud.clouds import open_registration
    from station.intake.progress import resting
    from station.intake.register import register as register_devices

    line = ProgressLine(ctx.words.commands.progress.devices, ctx.words)
    with (
        ctx.open_ledger() as ledger,
        closing(ledger.tokens.lend(open_registration(ctx.config, cloud))) as client,
        ctrl_c_stops(ctx.words) as stop,
    ):
        client.while_throttled(resting(line.say, stop))
        batch_id = which(ledger, client)
        try:
            return register_devices(ledger, client, batch_id, show=line.show, stop=stop)
        except CloudFault:
            line.end()
            left = ledger.registrations.left(batch_id)
            say(f"{left} identities of batch {batch_id} are left; go on with:")
            say(f"  station batch register --resume {batch_id}")
            raise
        finally:
            line.end()


def _give_up(ctx: Context, batch_id: str) -> Exit:
    from station.intake.register import give_up

    with ctx.open_ledger() as ledger:
        if not ledger.registrations.left(batch_id):
            raise _nothing_left(batch_id)
        require_yes(f"What is left of batch {batch_id} is given up, and the secrets made for it are destroyed")
        number = give_up(ledger, batch_id)
    if not number:
        raise _nothing_left(batch_id)
    say(f"batch {batch_id}: {number} identities given up, and their secrets destroyed")
    say(f"what the cloud has of them already: station batch orphans {batch_id}")
    return Exit.OK


def tell(report: RegisterReport, *, as_json: bool) -> None:
    """What was registered, and what a person must look at."""
    from station.intake.ownership import Owner

    batch_id = report.batch_id
    for one in report.unsettled:
        whose = "is not ours" if one.verdict.owner is Owner.ANOTHERS else "may be ours"
        say(f"{one.name} {whose}: {one.verdict.why}")
    if as_json:
        names = {owner: [str(one.name) for one in report.of(owner)] for owner in Owner}
        counts = {"event": "registered", "batch": batch_id, "new": report.registered, "left": report.left}
        print_json(counts | {"taken": names[Owner.ANOTHERS], "unclear": names[Owner.UNCLEAR]})
    else:
        kept = f", {len(report.unsettled)} wait for a person" if report.unsettled else ""
        print_told(f"batch {batch_id}: {report.registered} identities registered, {report.left} left{kept}")
    if report.unsettled:
        say_lines(
            "  means: they are not in the queue; what was sealed for them is kept\n"
            "  do: look at them in the cloud's console, then ask the cloud again: station batch register --resume"
            f" {batch_id}, or take one that is ours: station batch reset-secret DEVICE --product PRODUCT,"
            f" or drop them and their secrets: station batch register --give-up {batch_id}"
        )
    if report.left:
        say(f"stopped; go on with: station batch register --resume {batch_id}")


def _nothing_left(batch_id: str) -> UsageError:
    return UsageError(f"nothing is left to register of batch {batch_id}", do="run: station batch list")


def _require_finished(unfinished: dict[str, OpenBatch], product: str) -> None:
    """What waits for a person alone stops nobody."""
    for batch_id, batch in unfinished.items():
        if batch.product_key == product and batch.fresh:
            raise UsageError(
                f"batch {batch_id} still has {batch.fresh} devices of {product} to register",
                do=f"run first: station batch register --resume {batch_id} (or end it: --give-up {batch_id})",
                code=Code.E123,
            )
