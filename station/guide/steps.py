# SPDX-License-Identifier: GPL-3.0-or-later
"""The steps of the guide, and which one is missing: told by what the doctor finds, so that it is taken up where it was
left, however it was left.
"""

from __future__ import annotations

from enum import StrEnum

from station.codes import Code
from station.config.settings import Config
from station.doctor import examine
from station.doctor.beginning import check_source, check_stock, check_supervisor
from station.doctor.bench import check_profile, check_slots
from station.ledger.view import View
from station.targets.slots import SlotSpec
from station.words.language import Words


class Step(StrEnum):
    """In their order."""

    LANGUAGE = "language"
    KEY = "key"
    SUPERVISOR = "supervisor"
    SOURCE = "source"
    PROFILE = "profile"
    SLOTS = "slots"
    BATCH = "batch"
    READY = "ready"


def heading(step: Step, words: Words) -> str:
    """How far the guide has come."""
    return f"{words.guide.set_up}   {tuple(Step).index(step) + 1} / {len(Step)}"


_ASKED_FOR_BY = {
    Code.E607: Step.SUPERVISOR,
    Code.E113: Step.SOURCE,
    Code.E111: Step.PROFILE,
    Code.E112: Step.PROFILE,
    Code.E115: Step.SLOTS,
    Code.E500: Step.BATCH,
}


def codes_of(step: Step) -> tuple[Code, ...]:
    """What is missing as long as this step is."""
    return tuple(code for code, asked in _ASKED_FOR_BY.items() if asked is step)


def missing_steps(config: Config, ledger: View) -> tuple[Step, ...]:
    """Of those behind the key, in their order. Asks no cloud, opens no board's port."""
    slots = [SlotSpec(name=line.name, path=line.path) for line in config.slots]
    findings = examine(
        [
            ("supervisor", lambda: check_supervisor(ledger)),
            ("source", lambda: check_source(config, ledger)),
            ("profile", lambda: check_profile(config)),
            ("slots", lambda: check_slots(slots, ())),
            ("stock", lambda: check_stock(ledger)),
        ]
    )
    found = {_ASKED_FOR_BY[finding.code] for finding in findings if finding.code in _ASKED_FOR_BY}
    return tuple(step for step in Step if step in found)
