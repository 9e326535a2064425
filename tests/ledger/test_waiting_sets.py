# SPDX-License-Identifier: GPL-3.0-or-later
"""A line of members with nothing for the board in hand says which set waits for which cameras, and burns no set."""

from __future__ import annotations

import pytest

from station.codes import Code
from station.errors import NoCertificates
from station.ledger.store import Ledger
from station.model import CertName, IdentityKind
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, uid

NVR, IPC = "a1Nvr", "a1Ipc"


def refusal(ledger: Ledger, *products: str) -> NoCertificates:
    """What `peek` and `reserve` both say."""
    with pytest.raises(NoCertificates) as peeked:
        ledger.peek(products, IdentityKind.MEMBER)
    with pytest.raises(NoCertificates) as reserved:
        ledger.reserve(products, IdentityKind.MEMBER, uid(99), "1")
    assert (peeked.value.what, peeked.value.do) == (reserved.value.what, reserved.value.do)
    assert peeked.value.code == "E500"
    return reserved.value


def take_camera(ledger: Ledger, board: int, *, done: bool) -> str:
    claim = ledger.reserve([IPC], IdentityKind.MEMBER, uid(board), "1")
    ledger.begin(claim.attempt)
    if done:
        ledger.consume(claim.attempt, evidence(claim))
    else:
        ledger.doubt(claim.attempt, Code.E201, "it was unplugged")
    return claim.identity.name.device_name


def test_an_unopened_set_is_never_offered_to_another_kind_of_identity(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n1", 5)])
    said = refusal(ledger, NVR)
    assert "n1 waits for 5 cameras: n1-ipc1 (READY), n1-ipc2 (READY), n1-ipc3 (READY) and 2 more" in said.what
    assert IPC in said.do and "nvr-set" not in said.do and "identity =" not in said.do


def test_the_set_whose_cameras_are_unfinished_is_named_with_what_each_needs(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n1", 3)])
    take_camera(ledger, 1, done=True)
    doubtful = take_camera(ledger, 2, done=False)
    said = refusal(ledger, NVR)
    assert f"n1 waits for 2 cameras: {doubtful} (IN_DOUBT), n1-ipc3 (READY)" in said.what
    assert "station resolve" in said.do and IPC in said.do and "pull another batch" not in said.do


def test_a_retired_camera_is_said_to_hold_its_nvr_back_for_good(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n1", 1), nvr_set("n2", 1)])
    name = take_camera(ledger, 1, done=True)
    ledger.retire(CertName(IPC, name), "scrap: burnt board", by="Li Wei")
    take_camera(ledger, 2, done=False)
    said = refusal(ledger, NVR, IPC)
    assert "n1 waits for 1 camera: n1-ipc1 (RETIRED); and it is not the only one" in said.what
    assert "station set end n1 --reason" in said.do
    ledger.retire(CertName(NVR, "n1"), "its camera was scrapped", by="Li Wei")
    assert "n2 waits for 1 camera: n2-ipc1 (IN_DOUBT)" in refusal(ledger, NVR, IPC).what


def test_with_no_nvr_waiting_the_stock_is_out(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n1", 1)])
    take_camera(ledger, 1, done=True)
    said = refusal(ledger, IPC)
    assert "no READY nvr-member identity is left" in said.what and "pull another batch" in said.do
