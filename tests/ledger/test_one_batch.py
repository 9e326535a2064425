# SPDX-License-Identifier: GPL-3.0-or-later
"""Who takes of one batch takes of that one alone, in its order, whatever else is in stock; and it costs no more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from station.codes import Code
from station.errors import ConfigError, NoCertificates
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, Takes
from station.model import Identity, IdentityKind, Provider, Secret
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid
from tests.ledger.test_questions_stay_cheap import steps
from tests.raw import file_of

OTHER = BatchKey(provider=Provider.LIVING, batch_id="4712", product_key="a1NVRproduct")
SINGLE, SET, MEMBER = IdentityKind.SINGLE, IdentityKind.SET, IdentityKind.MEMBER
CAMERA, NVR = ["a1Camera"], ["a1Nvr", "a1Ipc"]


def of(ledger: Ledger, batch: str) -> Takes:
    return Takes(batches=ledger.batches.numbers(batch))


def take(ledger: Ledger, products: list[str], kind: IdentityKind, takes: Takes, board: int) -> str:
    claim = ledger.reserve(products, kind, uid(board), "1", takes=takes)
    ledger.begin(claim.attempt)
    ledger.consume(claim.attempt, evidence(claim))
    return claim.identity.name.device_name


def test_only_its_certificates_are_given_and_they_alone_are_counted(ledger: Ledger) -> None:
    ledger.receive(BATCH, [single("old1"), single("old2")])
    ledger.receive(OTHER, [single("new1"), single("new2")])
    takes = of(ledger, "4712")
    left = ledger.stock.flashable(CAMERA, SINGLE, takes)
    assert (left.count(), ledger.peek(CAMERA, SINGLE, takes).name.device_name) == (2, "new1")
    assert [take(ledger, CAMERA, SINGLE, takes, board) for board in (1, 2)] == ["new1", "new2"]
    assert (left.count(), ledger.has_stock(CAMERA, SINGLE, takes), ledger.has_stock(CAMERA, SINGLE)) == (0, False, True)
    with pytest.raises(NoCertificates, match="no READY single identity of batch 4712 is left for a1Camera") as said:
        ledger.reserve(CAMERA, SINGLE, uid(3), "1", takes=takes)
    assert (said.value.code, "leave --batch out" in said.value.do) == (Code.E500, True)
    assert take(ledger, CAMERA, SINGLE, Takes(), 4) == "old1"


def test_of_sets_and_their_members_likewise(ledger: Ledger) -> None:
    ledger.receive(BATCH, [nvr_set("old", 1), nvr_set("opened", 2)])
    assert take(ledger, NVR, MEMBER, of(ledger, "4711"), 9) == "old-ipc1"
    ledger.receive(OTHER, [nvr_set("whole", 1), nvr_set("new", 1)])
    takes = of(ledger, "4712")
    assert ledger.stock.flashable(NVR, SET, takes).count() == 2
    assert take(ledger, NVR, SET, takes, 1) == "whole"
    members = ledger.stock.flashable(NVR, MEMBER, takes)
    assert members.count() == 2
    assert [take(ledger, NVR, MEMBER, takes, board) for board in (2, 3)] == ["new-ipc1", "new"]
    assert members.count() == 0
    with pytest.raises(NoCertificates, match="of batch 4712 is left"):  # not that the other batch's NVR waits
        ledger.peek(NVR, MEMBER, takes)


def test_what_lacks_a_product_secret_waits_in_its_batch_and_is_named(ledger: Ledger) -> None:
    def dressed(name: str) -> Identity:
        return Identity(primary=replace(single(name).primary, product_secret=Secret("OfTheProduct")))

    ledger.receive(BATCH, [single("old-bare"), dressed("old-whole")])
    ledger.receive(OTHER, [single("bare1"), dressed("whole"), single("bare2")])
    takes = replace(of(ledger, "4712"), product_secret=True)
    left = ledger.stock.flashable(CAMERA, SINGLE, takes)
    assert (left.count(), left.bare()) == (1, 2)
    assert take(ledger, CAMERA, SINGLE, takes, 1) == "whole"
    with pytest.raises(NoCertificates, match="bare1 of batch 4712 is the first"):
        ledger.peek(CAMERA, SINGLE, takes)


def test_a_batch_that_is_not_here_is_said_to_be_none(ledger: Ledger) -> None:
    with pytest.raises(ConfigError, match="the ledger has no batch 4713") as said:
        ledger.batches.numbers("4713")
    assert said.value.code is Code.E116


@pytest.mark.sqlite
def test_it_is_one_index_step_behind_any_number_of_others(ledger: Ledger) -> None:
    ledger.receive(OTHER, [])
    ledger.receive(BATCH, [single("first")])
    ledger.receive(OTHER, [single("new")])
    takes = of(ledger, "4712")
    asked = []
    for most in (100, 2000):
        ledger.receive(BATCH, [single(f"cam{most}-{n}") for n in range(most)])
        asked.append(steps(ledger, lambda ledger: ledger.has_stock(CAMERA, SINGLE, takes)))
    take(ledger, CAMERA, SINGLE, takes, 1)
    asked.append(steps(ledger, lambda ledger: ledger.has_stock(CAMERA, SINGLE, takes)))  # none is left of it
    assert max(asked) <= asked[0] + 2
    sql = (
        "EXPLAIN QUERY PLAN SELECT id FROM identities i WHERE state = 'READY' AND batch = 2"
        " AND product_key = 'a1Camera' AND kind = 'single' AND set_of IS NULL AND size - 1 BETWEEN 0 AND 9"
        " ORDER BY set_of, id LIMIT 1"
    )
    (plan,) = file_of(ledger)._sqlite.execute(sql).fetchall()
    assert "ready_of_batch" in str(tuple(plan))
