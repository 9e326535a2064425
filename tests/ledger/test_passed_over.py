# SPDX-License-Identifier: GPL-3.0-or-later
"""What a profile's boards do not take is passed over and waits in its place: it stops nobody, counts for nobody, and is
named when nothing else is left."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from station.codes import Code
from station.errors import NoCertificates
from station.ledger.store import Ledger
from station.ledger.values import Takes
from station.model import CertName, Identity, IdentityKind, Secret, State
from tests.ledger.ledger_samples import BATCH, evidence, named, nvr_set, single, uid

NVR, IPC = "a1Nvr", "a1Ipc"
WRITES_IT = Takes(product_secret=True)
SECRET = Secret("OfTheProduct")


def dressed(identity: Identity, *, but: int | None = None) -> Identity:
    """With its products' secrets, but for that channel."""
    primary, *channels = (
        one if channel == but else replace(one, product_secret=SECRET) for channel, one in enumerate(identity)
    )
    return replace(identity, primary=primary, channels=tuple(channels))


def flash(ledger: Ledger, products: list[str], kind: IdentityKind, board: int, takes: Takes = WRITES_IT) -> str:
    claim = ledger.reserve(products, kind, uid(board), "1", takes=takes)
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    return claim.identity.name.device_name


def flash_all(ledger: Ledger, products: list[str], kind: IdentityKind, takes: Takes = WRITES_IT) -> list[str]:
    """Until there is none; what is said to be left is checked on the way."""
    left, flashed = ledger.stock.flashable(products, kind, takes), []
    told = [left.count()]
    with pytest.raises(NoCertificates):
        for board in count():
            flashed.append(flash(ledger, products, kind, 1000 + board, takes))
            told.append(left.count())
    assert told == list(range(len(flashed), -1, -1))
    return flashed


def test_what_came_without_a_product_secret_stops_no_board_and_is_named_at_the_end(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("bare1"), dressed(single("cam1")), single("bare2"), dressed(single("cam2"))])
    left = ledger.stock.flashable(["a1Camera"], IdentityKind.SINGLE, WRITES_IT)
    assert (left.count(), left.bare()) == (2, 2)
    assert ledger.peek(["a1Camera"], IdentityKind.SINGLE, WRITES_IT).name.device_name == "cam1"
    assert flash_all(ledger, ["a1Camera"], IdentityKind.SINGLE) == ["cam1", "cam2"]
    assert not ledger.has_stock(["a1Camera"], IdentityKind.SINGLE, WRITES_IT)
    with pytest.raises(NoCertificates, match=r"bare1 of batch 4711 is the first") as said:
        ledger.peek(["a1Camera"], IdentityKind.SINGLE, WRITES_IT)
    assert (said.value.code, "station pull 4711 --with-product-secret" in said.value.do) == (Code.E500, True)
    ledger.receive(BATCH, [dressed(single("bare1"))])
    assert flash(ledger, ["a1Camera"], IdentityKind.SINGLE, 5) == "bare1"


def test_whatever_lies_between_them_the_oldest_that_came_with_it_is_next(ledger: Ledger) -> None:
    """Bare ones, whole ones that are on boards, retired or withheld, sets that lack it in part: in any order."""
    whole = [dressed(single(f"cam{n}")) for n in range(6)]
    ledger.receive(BATCH, [whole[0], single("bare1"), whole[1], whole[2], single("bare2"), single("bare3")])
    ledger.receive(BATCH, [dressed(nvr_set("n1", 1), but=1), dressed(nvr_set("n2", 1)), nvr_set("n3", 1)])
    ledger.receive(BATCH, [dressed(single("used", cloud_status=1)), whole[3], single("bare4"), whole[4], whole[5]])
    ledger.retire(CertName("a1Camera", "cam1"), "scrap", by="Li")
    assert flash(ledger, ["a1Camera"], IdentityKind.SINGLE, 1) == "cam0"
    assert flash_all(ledger, ["a1Camera"], IdentityKind.SINGLE) == ["cam2", "cam3", "cam4", "cam5"]
    assert flash(ledger, [NVR], IdentityKind.SET, 2) == "n2"
    assert not ledger.has_stock([NVR], IdentityKind.SET, WRITES_IT)


def test_a_line_that_does_not_write_it_takes_them_all(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("bare1"), dressed(single("cam1"))])
    assert flash_all(ledger, ["a1Camera"], IdentityKind.SINGLE, Takes()) == ["bare1", "cam1"]


def test_a_set_one_of_whose_certificates_lacks_it_is_passed_over_whole(ledger: Ledger) -> None:
    ledger.receive(BATCH, [dressed(nvr_set("n1", 2), but=2), nvr_set("n2", 0), dressed(nvr_set("n3", 2))])
    assert flash_all(ledger, [NVR], IdentityKind.SET) == ["n3"]
    with pytest.raises(NoCertificates, match="n1-ipc2 of batch 4711"):
        ledger.peek([NVR], IdentityKind.SET, WRITES_IT)


def test_a_line_of_members_opens_no_set_it_could_not_finish(ledger: Ledger) -> None:
    ledger.receive(BATCH, [dressed(nvr_set("n1", 2), but=2), dressed(nvr_set("n2", 2))])
    assert flash_all(ledger, [IPC, NVR], IdentityKind.MEMBER) == ["n2-ipc1", "n2-ipc2", "n2"]
    assert named(ledger, CertName(NVR, "n1")).state is State.READY
    with pytest.raises(NoCertificates, match="n1-ipc2 of batch 4711"):
        ledger.peek([IPC, NVR], IdentityKind.MEMBER, WRITES_IT)


def test_a_camera_of_an_opened_set_that_lacks_it_holds_up_its_nvr_and_no_other(ledger: Ledger) -> None:
    ledger.receive(BATCH, [dressed(nvr_set("n1", 2), but=2), dressed(nvr_set("n2", 1))])
    assert flash(ledger, [IPC, NVR], IdentityKind.MEMBER, 1, Takes()) == "n1-ipc1"  # opened by another line
    assert flash_all(ledger, [IPC, NVR], IdentityKind.MEMBER)[:2] == ["n2-ipc1", "n2"]
    with pytest.raises(NoCertificates, match="n1-ipc2 of batch 4711"):
        ledger.peek([IPC, NVR], IdentityKind.MEMBER, WRITES_IT)


@pytest.fixture
def short(ledger: Ledger) -> Ledger:
    """A set of two, its second camera scrapped; a supervisor has let its NVR out without it."""
    ledger.receive(BATCH, [nvr_set("n1", 2), nvr_set("n2", 1)])
    for board in (1, 2):
        flash(ledger, [IPC, NVR], IdentityKind.MEMBER, board, Takes())
    ledger.retire(CertName(IPC, "n1-ipc2"), "scrap", by="Li Wei")
    ledger.short_sets.leave_out(CertName(NVR, "n1"), "sold with one", by="Li Wei")
    return ledger


def test_the_word_about_a_short_set_holds_while_the_profile_does(short: Ledger) -> None:
    """It was given under a profile that took short sets; this one does not, or does not any more."""
    assert flash_all(short, [IPC, NVR], IdentityKind.MEMBER, Takes()) == ["n2-ipc1", "n2"]
    with pytest.raises(NoCertificates, match="n1 may go out without n1-ipc2") as said:
        short.reserve([IPC, NVR], IdentityKind.MEMBER, uid(9), "1")
    assert "short_sets = true" in said.value.do and "station set end n1" in said.value.do
    assert flash(short, [IPC, NVR], IdentityKind.MEMBER, 9, Takes(short_sets=True)) == "n1"


def test_a_camera_that_is_retired_once_its_nvr_was_chosen_stops_the_write(short: Ledger) -> None:
    claim = short.reserve([NVR], IdentityKind.MEMBER, uid(9), "1", takes=Takes(short_sets=True))
    short.retire(CertName(IPC, "n1-ipc1"), "scrap", by="Li Wei")
    with pytest.raises(NoCertificates, match=r"n1 waits for 1 camera: n1-ipc1 \(RETIRED\)"):
        short.begin(claim.attempt)
    short.release(claim.attempt, "its camera was retired")
    assert named(short, CertName(NVR, "n1")).state is State.READY
    with pytest.raises(NoCertificates, match="n1-ipc1"):
        short.reserve([NVR], IdentityKind.MEMBER, uid(9), "1", takes=Takes(short_sets=True))
