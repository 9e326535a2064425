# SPDX-License-Identifier: GPL-3.0-or-later
"""How a pull is told: counts of identities, each kind by itself, and what a person should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.cli.disputed import tell_disputes
from station.cli.output import say, shortened
from station.cli.telling import state_in
from station.model import State

if TYPE_CHECKING:
    from station.intake.pull import PullReport
    from station.words.language import Words


def content(report: PullReport) -> dict[str, object]:
    """For programs; counts of identities, `certificates` of certificates."""
    receipt = report.receipt
    return {
        "event": "pulled",
        "batch": report.batch_id,
        "product_key": report.product_key,
        "kind": "nvr" if report.is_nvr else "ordinary",
        "held": report.held,
        "certificates": report.certificates,
        "total": report.total,
        "complete": report.complete,
        "new": receipt.new,
        "known": report.known,
        "completed": receipt.completed,
        "dressed": receipt.dressed,
        "odd": report.odd,
        "conflicting": report.conflicting,
        "in_dispute": report.in_dispute,
        "withheld": receipt.withheld,
        "without_status": receipt.unsaid,
        "turned_active": receipt.turned_active,
        "conflicts": [str(name) for name in receipt.conflicts],
        "without_cameras": [str(name) for name in report.childless],
        "pages": report.pages,
        "seconds": round(report.seconds, 3),
    }


def counts(report: PullReport, words: Words) -> str:
    """One line, in identities; what is zero and no news is left out."""
    receipt, text = report.receipt, words.commands.pull
    held = text.held if report.total is None else text.held_of
    parts = [held.format(number=report.held, total=report.total), text.new.format(number=receipt.new)]
    others = (
        (text.known, report.known),
        (text.completed, receipt.completed),
        (text.dressed, receipt.dressed),
        (text.odd, report.odd),
        (text.conflicting, report.conflicting),
        (text.withheld, receipt.withheld + receipt.turned_active + (receipt.unsaid if report.unsaid_withheld else 0)),
    )
    parts += [said.format(number=count) for said, count in others if count]
    line = text.batch.format(batch=report.batch_id, counts=text.between.join(parts))
    if report.certificates != report.held:
        line += text.certificates.format(number=report.certificates)
    return line if report.complete else line + text.not_complete


def tell_rest(report: PullReport, words: Words) -> None:
    """What a person should know, on stderr."""
    receipt, text = report.receipt, words.commands.pull
    if receipt.withheld or receipt.turned_active:
        say(text.other_status.format(number=receipt.withheld + receipt.turned_active))
    if receipt.unsaid:
        state = State.WITHHELD if report.unsaid_withheld else State.READY
        setting = f"cloud.{report.provider.replace('-', '_')}.no_status"
        say(text.without_status.format(number=receipt.unsaid, state=state_in(words, state), setting=setting))
    if report.childless:
        names = shortened([str(name) for name in report.childless])
        say(text.childless.format(number=len(report.childless), names=names))
        say(text.childless_do)
    tell_disputes(receipt, words)
    if report.in_dispute and not receipt.conflicts:
        say(text.still_disputed.format(number=report.in_dispute))
    if report.odd:
        say(text.set_aside.format(number=report.odd, see=f"station batch odd {report.batch_id}"))
    if report.stopped:
        say(text.stopped.format(go_on=f"station pull {report.batch_id}"))
