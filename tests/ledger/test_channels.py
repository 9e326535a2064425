# SPDX-License-Identifier: GPL-3.0-or-later
"""A profile that says how many cameras a set has leaves every other set alone, before anything is reserved."""

from __future__ import annotations

import pytest

from station.errors import NoCertificates
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import Identity, IdentityKind, State
from tests.ledger.ledger_samples import BATCH, certificate, nvr_set, uid

SIXTEEN = Takes(channels=(16, 16))


@pytest.fixture
def mixed(ledger: Ledger) -> Ledger:
    ledger.receive(BATCH, [nvr_set("nvr-none", 0), nvr_set("nvr-two", 2), nvr_set("nvr-four", 4)])
    return ledger


@pytest.mark.parametrize(
    ("channels", "name"), [((0, 255), "nvr-none"), ((1, 255), "nvr-two"), ((4, 4), "nvr-four"), ((3, 16), "nvr-four")]
)
def test_the_oldest_set_that_fits_comes_next(mixed: Ledger, channels: tuple[int, int], name: str) -> None:
    assert mixed.peek(["a1Nvr"], IdentityKind.SET, Takes(channels=channels)).name.device_name == name
    claim = mixed.reserve(["a1Nvr"], IdentityKind.SET, uid(1), "1", takes=Takes(channels=channels))
    assert claim.identity.name.device_name == name


def test_when_none_fits_the_one_in_the_way_is_named_and_nothing_moves(mixed: Ledger) -> None:
    for ask in (
        lambda: mixed.peek(["a1Nvr"], IdentityKind.SET, SIXTEEN),
        lambda: mixed.reserve(["a1Nvr"], IdentityKind.SET, uid(1), "1", takes=SIXTEEN),
    ):
        with pytest.raises(NoCertificates, match=r"16 cameras .* nvr-none has 0"):
            ask()
    assert mixed.stock.by_state()[State.READY] == 9


def test_cameras_that_are_boards_of_their_own_come_only_from_sets_that_fit(mixed: Ledger) -> None:
    assert mixed.peek(["a1Ipc"], IdentityKind.MEMBER, Takes(channels=(4, 4))).name.device_name == "nvr-four"
    claim = mixed.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(1), "1", takes=Takes(channels=(4, 4)))
    assert claim.identity.name.device_name == "nvr-four-ipc1"


def test_a_set_that_has_none_of_these_cameras_is_not_opened(ledger: Ledger) -> None:
    domes = Identity(
        primary=certificate("nvr-domes", "a1Nvr"), channels=(certificate("dome", "a1Dome"),), kind=IdentityKind.SET
    )
    ledger.receive(BATCH, [domes, nvr_set("nvr", 1)])
    claim = ledger.reserve(["a1Ipc"], IdentityKind.MEMBER, uid(1), "1")
    assert claim.identity.name.device_name == "nvr-ipc1"
    assert ledger.peek(["a1Nvr"], IdentityKind.SET).name.device_name == "nvr-domes"
