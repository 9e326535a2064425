# SPDX-License-Identifier: GPL-3.0-or-later
"""What a command asks costs the same in a large ledger: counted in steps of SQLite's machine, not in seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from station.codes import Code
from station.ledger.store import Ledger
from station.ledger.values import BatchKey, Takes, VisitRow
from station.model import BoardUid, CertName, Identity, IdentityKind, Provider, Secret, State
from tests.ledger.ledger_samples import BATCH, certificate, evidence, single, uid
from tests.raw import file_of

FEW, MANY = 200, 1400
CONSUMED, DOUBTFUL = uid(1), uid(2)
SMALL = BatchKey(provider=Provider.LIVING, batch_id="small", product_key="a1Rare")

QUESTIONS: dict[str, Callable[[Ledger], object]] = {
    "recover": lambda ledger: ledger.recover(),
    "bound_to": lambda ledger: ledger.bound_to(CONSUMED),
    "named": lambda ledger: ledger.named(CertName("a1Camera", "cam00001")),
    "tallies": lambda ledger: ledger.stock.tallies(),
    "in doubt": lambda ledger: ledger.certificates.unsettled(),
    "withheld": lambda ledger: ledger.certificates.unsettled([State.WITHHELD]),
    "batches": lambda ledger: ledger.batches.all(),
    "first page": lambda ledger: ledger.certificates.page(),
    "by state": lambda ledger: ledger.certificates.page(state=State.CONSUMED),
    "by a common state": lambda ledger: ledger.certificates.page(state=State.READY),
    "the next page": lambda ledger: ledger.certificates.page(behind=CertName("a1Camera", "cam00009")),
    "the next page of a state": lambda ledger: ledger.certificates.page(
        state=State.READY, behind=CertName("a1Camera", "cam00009")
    ),
    "by batch": lambda ledger: ledger.certificates.page(batch_id="small"),
    "by product": lambda ledger: ledger.certificates.page(product_key="a1Rare"),
    "by a common product": lambda ledger: ledger.certificates.page(product_key="a1Camera"),
    "by state and product": lambda ledger: ledger.certificates.page(state=State.CONSUMED, product_key="a1Camera"),
    "by state and batch": lambda ledger: ledger.certificates.page(state=State.READY, batch_id="small"),
    "search a name": lambda ledger: ledger.certificates.search("cam00007"),
    "search a full name": lambda ledger: ledger.certificates.search("a1Camera/cam00007"),
    "search a beginning": lambda ledger: ledger.certificates.search("cam0000"),
    "search a common beginning": lambda ledger: ledger.certificates.search("cam"),
    "search a board": lambda ledger: ledger.certificates.search(CONSUMED),
    "search a serial number": lambda ledger: ledger.certificates.search("SN-77"),
    "search nothing": lambda ledger: ledger.certificates.search("zzz"),
    "whether a product is in stock": lambda ledger: ledger.has_stock(["a1Rare"], IdentityKind.SINGLE),
    "whether a product that never came is": lambda ledger: ledger.has_stock(["a1None"], IdentityKind.SINGLE),
}


def fill(ledger: Ledger, first: int, last: int) -> None:
    ledger.receive(BATCH, [single(f"cam{n:05}") for n in range(first, last)])


def steps(ledger: Ledger, question: Callable[[Ledger], object]) -> int:
    """In units of ten steps; none of the sweeper's, who uses the connection too and waits meanwhile."""
    counted = 0

    def one_more() -> int:
        nonlocal counted
        counted += 1
        return 0

    file = file_of(ledger)
    with file._lock:
        file._sqlite.set_progress_handler(one_more, 10)
        question(ledger)
        file._sqlite.set_progress_handler(None, 0)
    return counted


@pytest.fixture
def used(ledger: Ledger) -> Ledger:
    fill(ledger, 0, FEW)
    rare = [Identity(primary=certificate(f"rare{n}", "a1Rare", node_id=f"SN-{n}")) for n in (77, 78)]
    ledger.receive(SMALL, rare)
    for board, product in ((CONSUMED, "a1Camera"), (DOUBTFUL, "a1Rare")):
        claim = ledger.reserve([product], IdentityKind.SINGLE, board, "1")
        ledger.begin(claim.attempt)
        if board == CONSUMED:
            ledger.consume(claim.attempt, evidence(claim))
        else:
            ledger.doubt(claim.attempt, Code.E311, "unplugged")
    return ledger


def test_no_question_costs_more_in_a_larger_ledger(used: Ledger) -> None:
    before = {name: steps(used, question) for name, question in QUESTIONS.items()}
    fill(used, FEW, MANY)
    after = {name: steps(used, question) for name, question in QUESTIONS.items()}
    assert {name: (before[name], after[name]) for name in QUESTIONS if after[name] > 2 * before[name] + 20} == {}


def test_the_next_one_with_a_product_secret_is_found_behind_any_number_without(ledger: Ledger) -> None:
    def ask(ledger: Ledger) -> None:
        assert ledger.has_stock(["a1Camera"], IdentityKind.SINGLE, takes) == (whole > 0)

    takes, whole = Takes(product_secret=True), 0
    bare = []
    for first, last in ((0, FEW), (FEW, MANY)):
        fill(ledger, first, last)
        bare.append(steps(ledger, ask))
    whole = 1
    ledger.receive(BATCH, [Identity(primary=certificate("whole", product_secret=Secret("OfTheProduct")))])
    behind = steps(ledger, ask)
    assert max(*bare, behind) <= 2 * bare[0] + 20
    assert ledger.peek(["a1Camera"], IdentityKind.SINGLE, takes).name.device_name == "whole"


def test_new_visits_cost_the_same_in_a_long_shift(ledger: Ledger) -> None:
    asked = []
    for _ in range(2):
        for number in range(300):
            ledger.visits.record(VisitRow(at=100.0 + number, slot="1", outcome="PASS"))
        last = ledger.visits.since(0)[-1].number
        for late in (400.0, 5.0):  # stored now, ended long before
            ledger.visits.record(VisitRow(at=late, slot="1", outcome="FAIL"))
        asked.append(steps(ledger, lambda ledger: ledger.visits.since(1, after=last)))  # noqa: B023
        assert [visit.at for visit in ledger.visits.since(1, after=last)] == [400.0, 5.0]
    assert asked[1] <= asked[0] + 2


def test_a_shift_without_visits_costs_nothing_in_a_ledger_of_many(ledger: Ledger) -> None:
    asked = []
    for count in (3, 300):
        for _ in range(count):
            ledger.visits.record(VisitRow(at=100.0, slot="1", outcome="PASS"))
        assert ledger.visits.since(101.0) == []
        asked.append(steps(ledger, lambda ledger: ledger.visits.since(101.0)))
    assert asked[1] <= asked[0] + 2


def test_search_finds_by_name_beginning_board_and_serial_number(used: Ledger) -> None:
    def found(text: str) -> list[str]:
        return [row.name.device_name for row in used.certificates.search(text, limit=3)]

    assert found("cam00007") == found("a1Camera/cam00007") == ["cam00007"]
    assert found("a1Rare/cam00007")[:1] == ["cam00007"]  # no such name: what begins so is offered instead
    assert found("cam0001") == ["cam00010", "cam00011", "cam00012"]
    assert found(CONSUMED.upper()) == ["cam00000"]
    assert found("SN-78") == ["rare78"]
    assert found("cam[0]*") == found("%") == found("zzz") == []


def test_pages_show_each_certificate_once_whatever_enters_the_state_meanwhile(ledger: Ledger) -> None:
    fill(ledger, 0, 6)
    claims = [ledger.reserve(["a1Camera"], IdentityKind.SINGLE, BoardUid(f"board{n}"), "1") for n in range(6)]
    for claim in claims:
        ledger.begin(claim.attempt)
    for claim in claims[1:]:
        ledger.consume(claim.attempt, evidence(claim))
    first = ledger.certificates.page(state=State.CONSUMED, limit=2)
    ledger.consume(claims[0].attempt, evidence(claims[0]))  # it arrived before those of the first page
    rest = ledger.certificates.page(state=State.CONSUMED, limit=9, behind=first[-1].name)
    assert [row.name.device_name for row in first + rest] == [f"cam{n:05}" for n in (1, 2, 3, 4, 5)]


def test_a_page_may_be_of_what_fits_a_text_and_pages_of_it_follow_one_another(used: Ledger) -> None:
    def found(text: str, **more: Any) -> list[str]:
        return [row.name.device_name for row in used.certificates.page(text=text, **more)]

    assert found("M0001", limit=3) == ["cam00010", "cam00011", "cam00012"]
    assert found("m0001", limit=3, behind=CertName("a1Camera", "cam00012")) == ["cam00013", "cam00014", "cam00015"]
    assert found("rare", state=State.IN_DOUBT) == ["rare77"]
    assert found(CONSUMED[:6].upper() + ":" + CONSUMED[6:]) == ["cam00000"]
    assert found("%") == found("_") == found("~") == found("' OR 1=1") == []


def test_a_page_of_what_fits_a_common_text_costs_the_same_in_a_larger_ledger(used: Ledger) -> None:
    before = steps(used, lambda ledger: ledger.certificates.page(text="cam", limit=100))
    fill(used, FEW, MANY)
    after = steps(used, lambda ledger: ledger.certificates.page(text="cam", limit=100))
    assert after < 2 * before + 20


def test_batches_count_what_was_received_whatever_becomes_of_it(used: Ledger) -> None:
    assert {b.key.batch_id: b.received for b in used.batches.all()} == {"4711": FEW, "small": 2}
