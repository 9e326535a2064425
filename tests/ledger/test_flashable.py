# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left is what this profile can flash: checked by flashing until there is none."""

from __future__ import annotations

from itertools import count

import pytest

from station.errors import NoCertificates
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import CertName, IdentityKind
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid

CAMERA, NVR, IPC = "a1Camera", "a1Nvr", "a1Ipc"


def stock_up(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("cam1"), single("cam2"), nvr_set("n1", 2), nvr_set("n2", 4), nvr_set("n3", 1)])


@pytest.mark.parametrize(
    ("products", "kind", "channels", "boards"),
    [
        ([CAMERA], IdentityKind.SINGLE, (0, 255), 2),
        ([NVR], IdentityKind.SINGLE, (0, 255), 0),
        ([NVR], IdentityKind.SET, (0, 255), 3),
        ([NVR], IdentityKind.SET, (2, 4), 2),
        ([IPC], IdentityKind.MEMBER, (0, 255), 7),
        ([IPC, NVR], IdentityKind.MEMBER, (0, 255), 10),
        ([IPC, NVR], IdentityKind.MEMBER, (2, 4), 8),
        ([NVR], IdentityKind.MEMBER, (0, 255), 0),
    ],
)
def test_as_many_boards_as_it_says_are_flashed_and_none_more(
    ledger: Ledger, products: list[str], kind: IdentityKind, channels: tuple[int, int], boards: int
) -> None:
    stock_up(ledger)
    left = ledger.stock.flashable(products, kind, Takes(channels=channels))
    told = [left.count()]
    with pytest.raises(NoCertificates):
        for number in count():
            claim = ledger.reserve(products, kind, uid(number), "1", takes=Takes(channels=channels))
            ledger.begin(claim.attempt)
            ledger.consume(claim.attempt, evidence(claim))
            told.append(left.count())
    assert told == list(range(boards, -1, -1))


def test_an_nvr_whose_camera_was_retired_is_not_left(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("n1", 2)])
    left = ledger.stock.flashable([IPC, NVR], IdentityKind.MEMBER)
    claim = ledger.reserve([IPC, NVR], IdentityKind.MEMBER, uid(1), "1")
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    assert left.count() == 2
    ledger.retire(CertName(IPC, claim.identity.name.device_name), "scrap: burnt", by="Li Wei")
    assert left.count() == 1
