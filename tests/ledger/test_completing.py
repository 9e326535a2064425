# SPDX-License-Identifier: GPL-3.0-or-later
"""A set is filled with cameras that come later only while it is in stock, unchanged and unopened; else: a dispute."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.ledger.store import Ledger
from station.model import CertName, IdentityKind, Secret, State
from tests.ledger.ledger_samples import BATCH, certificate, evidence, nvr_set, uid


def size(ledger: Ledger) -> int:
    return len(ledger.certificates.page())


@pytest.mark.parametrize("before", [0, 1, 3])
def test_a_set_in_stock_is_filled_once(ledger: Ledger, before: int) -> None:
    ledger.receive(BATCH, [nvr_set("nvr", before)])
    assert ledger.receive(BATCH, [nvr_set("nvr", 4)]).completed == 1
    assert ledger.receive(BATCH, [nvr_set("nvr", 4)]).unchanged == 1
    assert size(ledger) == 5
    assert ledger.stock.by_state()[State.READY] == 5
    claim = ledger.reserve(["a1Nvr"], IdentityKind.SET, uid(1), "1")
    assert claim.identity == nvr_set("nvr", 4)
    ledger.audit.verify()


def test_a_withheld_set_is_filled_and_stays_withheld(ledger: Ledger) -> None:
    used = replace(nvr_set("nvr", 0), primary=certificate("nvr", "a1Nvr", cloud_status=1))
    ledger.receive(BATCH, [used])
    assert ledger.receive(BATCH, [nvr_set("nvr", 2)]).completed == 1
    assert ledger.stock.by_state()[State.WITHHELD] == 3


@pytest.mark.parametrize("how_far", ["reserved", "writing", "consumed", "retired"])
def test_a_set_that_left_the_stock_is_not_filled(ledger: Ledger, how_far: str) -> None:
    ledger.receive(BATCH, [nvr_set("nvr", 1)])
    if how_far == "retired":
        ledger.retire(CertName("a1Nvr", "nvr"), "scrap", by="Li")
    else:
        claim = ledger.reserve(["a1Nvr"], IdentityKind.SET, uid(1), "1")
        if how_far != "reserved":
            ledger.begin(claim.attempt)
        if how_far == "consumed":
            ledger.consume(claim.attempt, evidence(claim))
    receipt = ledger.receive(BATCH, [nvr_set("nvr", 2)])
    assert (receipt.completed, receipt.left_out) == (0, (CertName("a1Nvr", "nvr"),))
    assert size(ledger) == 2


def test_a_set_that_was_opened_is_not_filled(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("nvr", 1)])
    ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(1), "1")
    assert ledger.receive(BATCH, [nvr_set("nvr", 2)]).completed == 0
    assert size(ledger) == 2


def test_a_set_that_changed_meanwhile_is_in_dispute(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("nvr", 1)])
    other = replace(nvr_set("nvr", 2), primary=replace(certificate("nvr", "a1Nvr"), device_secret=Secret("another")))
    receipt = ledger.receive(BATCH, [other])
    assert (receipt.completed, receipt.conflicts, receipt.disputed) == (0, (CertName("a1Nvr", "nvr"),), 1)
    assert size(ledger) == 2


def test_cameras_of_another_set_fill_nothing(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("nvr", 1), nvr_set("other", 2)])
    taken = replace(nvr_set("nvr", 1), channels=(*nvr_set("nvr", 1).channels, nvr_set("other", 2).channels[1]))
    receipt = ledger.receive(BATCH, [taken])
    assert receipt.completed == 0
    assert [(one.holder.device_name, one.arrived.device_name) for one in receipt.shared] == [("other", "nvr")]
    assert size(ledger) == 5
