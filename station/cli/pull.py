# SPDX-License-Identifier: GPL-3.0-or-later
"""`station pull`, also as `station batch pull`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from station.cli.completing import batches
from station.cli.context import Context, cloud_option, json_option
from station.cli.options import chosen_as
from station.cli.output import print_json, print_line, say
from station.cli.progress_line import ProgressLine, StopAsked, ctrl_c_stops
from station.cli.pulled import content, counts, tell_rest
from station.cli.rechecking import recheck_devices, tell_outlook
from station.cli.spoken import Spoken
from station.cli.supervising import require_supervisor, supervisor_options
from station.cli.typed import NAMED
from station.codes import Exit
from station.errors import CloudFault, most_serious

if TYPE_CHECKING:
    from station.intake.pull import How, PullReport
    from station.ledger.store import Ledger
    from station.model import IdentityKind, Provider
    from station.words.language import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """The command's options."""

    batch: str
    product: str
    wait_s: float | None
    cloud: str
    page_size: int | None
    nvr: bool | None
    with_product_secret: bool
    recheck: bool
    any_length: bool
    as_supervisor: str
    pin_file: Path | None
    as_json: bool

    def how(self) -> How:
        from station.cloud.paging import Patience
        from station.intake.pull import How

        return How(
            with_product_secret=self.with_product_secret,
            recheck=self.recheck,
            any_length=self.any_length,
            page_size=self.page_size,
            patience=None if self.wait_s is None else Patience(seconds=self.wait_s),
        )


@click.command(cls=Spoken)
@click.argument("batch", type=NAMED, shell_complete=batches)
@click.option(
    "--product",
    default="",
    help="Its productKey; for a batch made elsewhere, where it is of NVRs or its pages do not name it.",
)
@click.option(
    "--nvr/--ordinary",
    default=None,
    help="What kind of batch it is. [default: as the journal says, else both are tried]",
)
@click.option("--with-product-secret", is_flag=True, help="Store productSecret too, for boards that need it.")
@click.option(
    "--wait",
    "wait_s",
    type=float,
    help="Seconds to wait while nothing new comes. [default: 300; 20 if not in the journal]",
)
@cloud_option
@click.option("--recheck", is_flag=True, help="All pages again: withholds what came into use elsewhere meanwhile.")
@click.option(
    "--any-length",
    is_flag=True,
    help="The secrets differ in length, and each is whole; a supervisor has compared them with the cloud's console.",
)
@supervisor_options
@click.option("--page-size", type=click.IntRange(1, 200), help="Identities a page. [default: as the cloud gives them]")
@json_option
@click.pass_obj
@chosen_as(_Wish)
def pull(ctx: Context, wish: _Wish) -> int:
    """Fetch the certificates of production batch BATCH into the ledger.

    May be stopped (Ctrl-C), killed and run again: it goes on where it ended, and nothing comes twice.

    There is no dry run: what a batch holds is known only once it was fetched, and fetching uses nothing up.
    """
    with ctx.open_ledger() as ledger, ctrl_c_stops(ctx.words) as stop:
        if wish.any_length:
            by = require_supervisor(ledger, wish.as_supervisor, wish.pin_file, purpose=f"any length for {wish.batch}")
            ledger.audit.note("secrets of any length believed", batch=wish.batch, by=by)
        if wish.recheck:
            code = recheck_devices(ctx, ledger, wish.batch, stop, as_json=wish.as_json)
            if code is not None:
                return code
        report = _pulled(ctx, ledger, wish, stop)
        prospects = ledger.withheld.outlook(wish.batch) if wish.recheck else {}
    if wish.as_json:
        print_json(content(report))
    else:
        print_line(counts(report, ctx.words))
    tell_rest(report, ctx.words)
    tell_outlook(wish.batch, prospects, ctx.words)
    doubtful = report.odd or report.receipt.conflicts or report.in_dispute
    return most_serious([Exit.INTERRUPTED if report.stopped else Exit.OK, Exit.PERSON_NEEDED if doubtful else Exit.OK])


def _pulled(ctx: Context, ledger: Ledger, wish: _Wish, stop: StopAsked) -> PullReport:
    from station.cloud.clouds import open_certificates
    from station.cloud.paging import BatchIncomplete
    from station.intake.progress import resting
    from station.intake.pull import Watcher
    from station.intake.pull import pull as pull_batch
    from station.intake.wanted import cloud_of, find_batch

    line = ProgressLine(ctx.words.commands.progress.identities, ctx.words)
    text = ctx.words.commands.pull

    def taken_as(kind: IdentityKind) -> None:
        line.say(text.pulled_as.format(batch=wish.batch, kind=text.batch_of[kind]))

    client = ledger.tokens.lend(open_certificates(ctx.config, wish.cloud or cloud_of(ledger, wish.batch) or ""))
    client.while_throttled(resting(line.say, stop))
    try:
        return pull_batch(
            ledger,
            client,
            find_batch(ledger, wish.batch, product_key=wish.product, is_nvr=wish.nvr, provider=client.provider),
            wish.how(),
            Watcher(
                show=line.show,
                say=line.say,
                taken_as=taken_as,
                waiting=lambda: line.say(text.waiting.format(batch=wish.batch)),
                stop=stop,
            ),
        )
    except CloudFault as fault:
        line.end()
        if not isinstance(fault, BatchIncomplete):
            _tell_how_far(ledger, client.provider, wish.batch, ctx.words)
        raise
    finally:
        line.end()
        client.close()


def _tell_how_far(ledger: Ledger, provider: Provider, batch: str, words: Words) -> None:
    """Before the fault that ended it."""
    if here := len(ledger.batches.names(provider, batch)):
        say(words.commands.pull.here.format(number=here, batch=batch))
