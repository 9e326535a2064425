# SPDX-License-Identifier: GPL-3.0-or-later
"""How a pull is told: counts of identities, each kind by itself, and what a person should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from station.cli.disputed import tell_disputes
from station.cli.output import say, shortened

if TYPE_CHECKING:
    from station.intake.pull import PullReport


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


def counts(report: PullReport) -> str:
    """One line, in identities; what is zero and no news is left out."""
    receipt = report.receipt
    of = f" of {report.total}" if report.total is not None else ""
    parts = [f"{report.held}{of} identities held", f"{receipt.new} new"]
    others = {
        "known": report.known,
        "completed": receipt.completed,
        "given their product's secret": receipt.dressed,
        "odd": report.odd,
        "conflicting": report.conflicting,
        "withheld": receipt.withheld + receipt.turned_active + (receipt.unsaid if report.unsaid_withheld else 0),
    }
    parts += [f"{count} {word}" for word, count in others.items() if count]
    inside = f" ({report.certificates} certificates)" if report.certificates != report.held else ""
    return f"batch {report.batch_id}: {', '.join(parts)}{inside}{'' if report.complete else ', not complete'}"


def tell_rest(report: PullReport) -> None:
    """What a person should know, on stderr."""
    receipt = report.receipt
    if receipt.withheld or receipt.turned_active:
        many = receipt.withheld + receipt.turned_active
        say(f"{many} have another status than inactive in the cloud: WITHHELD, never flashed")
    if receipt.unsaid:
        state = "WITHHELD" if report.unsaid_withheld else "READY"
        setting = f"cloud.{report.provider.replace('-', '_')}.no_status"
        say(f"{receipt.unsaid} came without a status: {state} ({setting} decides)")
    if report.childless:
        names = shortened([str(name) for name in report.childless])
        say(f"warning: {len(report.childless)} NVRs came without cameras: {names}")
        say("  do: pull again when they have some; `channels` in the profile refuses such a set")
    tell_disputes(receipt)
    if report.in_dispute and not receipt.conflicts:
        say(f"{report.in_dispute} in dispute since an earlier pull: no board gets them; station conflict list")
    if report.odd:
        see = f"station batch odd {report.batch_id}"
        say(f"{report.odd} cannot be believed and are set aside ({see}); pull again later")
    if report.stopped:
        say(f"stopped; go on with: station pull {report.batch_id}")
