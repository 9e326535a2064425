# SPDX-License-Identifier: GPL-3.0-or-later
"""Allocate, burned and failed: what becomes of a certificate whose board only its client sees."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from station.codes import Code, Exit
from station.distribution import counter, request
from station.distribution.exchange import Enough, Handing
from station.errors import BoardFault, LedgerFault
from station.events import Notice, SlotEvent, SlotState
from station.flow.visit import Permit
from station.ledger.locks import STATION
from station.ledger.store import Ledger
from station.model import BoardUid, State
from station.secrets.vault import Vault
from station.targets.base import no_progress
from tests.distribution.line_clients import PRODUCT, UID, A, B, Desk, body, digest_of, stock
from tests.waiting import PATIENCE_S, until

OTHER = "A0:B1:C2:00:00:02"


def test_what_is_allocated_is_that_boards_before_it_is_told(desk: Desk) -> None:
    given = desk.ask(0)
    about = {"ProductKey": PRODUCT, "DeviceName": "cam0", "DeviceID": UID, "Status": "OK"}
    assert given.items() >= about.items()
    assert (given["DeviceSecret"], given["ProductSecret"]) == ("deviceSecret" + "0" * 20, "productSecret000")
    assert desk.state() is State.WRITING
    assert desk.ask(0) == given
    assert desk.ask(0, OTHER)["DeviceName"] == "cam1"
    assert desk.taken() == 2


def test_it_is_consumed_by_what_was_read_back_and_never_told_again(desk: Desk) -> None:
    given = desk.ask(0)
    noted = {"ProductKey": PRODUCT, "DeviceID": UID, "Status": "OK"}
    report = {"SHA256": digest_of(given), "CRC32": given["CRC32"]}
    assert desk.ask(1, **report) == noted
    assert desk.state() is State.CONSUMED
    known = desk.ledger.bound_to(BoardUid.parse(UID))
    assert known is not None
    with pytest.raises(LedgerFault):
        desk.ledger.identity(known.identity_id)
    assert desk.ask(1, **report) == noted
    assert desk.stays() == [("serve/a", "PASS", "")]
    again = {"ProductKey": PRODUCT, "DeviceName": "cam0", "DeviceID": UID, "Status": "ALREADY_DONE"}
    assert desk.ask(0) == again
    assert desk.taken() == 1
    assert [one.state for one in desk.events if isinstance(one, SlotEvent)][-2:] == [
        SlotState.BUSY,
        SlotState.ALREADY_DONE,
    ]


def test_what_failed_is_in_doubt_and_the_same_board_gets_the_same(desk: Desk) -> None:
    given = desk.ask(0)
    assert desk.ask(2)["Status"] == "OK"
    assert desk.state() is State.IN_DOUBT
    assert desk.ask(2)["Status"] == "OK"  # said again
    assert desk.stays() == [("serve/a", "FAIL", "E203")]
    assert desk.ask(0, client=B) == given  # at any client
    assert desk.ask(1, client=B, SHA256=digest_of(given))["Status"] == "OK"
    assert (desk.state(), desk.taken()) == (State.CONSUMED, 1)


@pytest.mark.parametrize(
    ("accept", "proof", "code", "state"),
    [
        (Enough.DIGEST, (), "E211", State.IN_DOUBT),
        (Enough.DIGEST, ("CRC32",), "E211", State.IN_DOUBT),
        (Enough.PARTIAL, (), "E211", State.IN_DOUBT),
        (Enough.PARTIAL, ("CRC32",), None, State.CONSUMED),
        (Enough.PARTIAL, ("SHA256",), None, State.CONSUMED),
        (Enough.REPORTED, (), None, State.CONSUMED),
        (Enough.REPORTED, ("CRC32",), None, State.CONSUMED),
    ],
)
def test_a_word_is_proof_only_where_the_station_takes_it(
    desk: Desk, accept: Enough, proof: tuple[str, ...], code: str | None, state: State
) -> None:
    desk.open(accept)
    given = desk.ask(0)
    every: dict[str, Any] = {"CRC32": given["CRC32"], "SHA256": digest_of(given)}
    assert desk.ask(1, **{name: every[name] for name in proof}).get("Code") == code
    assert desk.state() is state
    if state is State.CONSUMED:
        method = {(): "reported", ("CRC32",): "partial", ("SHA256",): "sha256"}[proof]
        assert [trace.method for trace in desk.ledger.traces.all(state=state)] == [method]


@pytest.mark.parametrize("accept", Enough)
@pytest.mark.parametrize("wrong", [{"CRC32": "00000000"}, {"SHA256": "ab" * 32}])
def test_what_reads_back_otherwise_never_counts(desk: Desk, accept: Enough, wrong: dict[str, Any]) -> None:
    desk.open(accept)
    desk.ask(0)
    assert desk.ask(1, **wrong)["Code"] == "E204"
    assert desk.ask(1, **wrong)["Code"] == "E204"  # while nobody waits for it, it is in doubt as before
    assert desk.state() is State.IN_DOUBT
    assert desk.ledger.bound_to(BoardUid.parse(UID)).attempt == 1  # type: ignore[union-attr]


@pytest.mark.parametrize("later", [{"action": 2}, {"action": 1, "SHA256": "ab" * 32}])
def test_a_done_board_that_is_said_to_be_otherwise_is_for_a_person(desk: Desk, later: dict[str, Any]) -> None:
    desk.ask(1, SHA256=digest_of(desk.ask(0)))
    assert desk.ask(**later)["Code"] == "E213"
    assert desk.state() is State.CONSUMED


def test_two_clients_with_one_device_id_get_one_certificate_between_them(desk: Desk) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda number: desk.ask(0, client=(A, B)[number % 2]), range(8)))
    given = {answer["DeviceName"] for answer in answers if answer["Status"] == "OK"}
    assert given == {"cam0"}
    refused = [answer["Code"] for answer in answers if answer["Status"] == "FAIL"]
    assert refused == ["E210"] * 4
    assert desk.taken() == 1
    has_it = next(client for client, answer in zip((A, B) * 4, answers, strict=True) if answer["Status"] == "OK")
    other = B if has_it is A else A
    assert desk.ask(1, client=other, CRC32="00000000")["Code"] == "E210"
    assert desk.state() is State.WRITING


def test_a_client_that_goes_silent_leaves_a_doubt_and_may_still_report(desk: Desk) -> None:
    desk.open(confirm_s=0.0)
    given = desk.ask(0)
    desk.counter.tick()
    until(desk.stays)
    assert (desk.state(), desk.stays()) == (State.IN_DOUBT, [("serve/a", "IN_DOUBT", "E311")])
    assert desk.ask(1, SHA256=digest_of(given))["Status"] == "OK"
    assert desk.state() is State.CONSUMED
    assert desk.stays()[1:] == [("serve/a", "PASS", "")]


def test_what_is_in_hand_when_the_station_ends_is_in_doubt(desk: Desk) -> None:
    given = desk.ask(0)
    desk.close()
    assert desk.state() is State.IN_DOUBT
    assert desk.counter.tally.exit is Exit.PERSON_NEEDED
    assert desk.ask(0, OTHER)["Code"] == "E330"
    desk.open()
    assert desk.ask(0) == given


def test_what_is_married_while_the_station_ends_goes_out_no_more(desk: Desk) -> None:
    """Or its client would have it in hand after all in hand were given up, and the station would wait for ever."""
    closing = threading.Thread(target=desk.counter.close)

    def end_meanwhile(_uid: BoardUid, _serial: str) -> None:
        closing.start()
        until(lambda: desk.counter._closing)

    desk.counter._permit = Permit(ask=end_meanwhile)
    assert desk.ask(0)["Code"] == "E330"
    closing.join(PATIENCE_S)
    assert (desk.state(), closing.is_alive()) == (State.IN_DOUBT, False)


def test_a_stay_that_is_not_kept_is_told_and_counts_against_the_station(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disk_is_full(*_: object) -> int:
        raise LedgerFault("disk full")

    given = desk.ask(0)
    monkeypatch.setattr("station.distribution.ending.record", disk_is_full)
    assert desk.ask(1, SHA256=digest_of(given))["Status"] == "OK"
    told = [one.what for one in desk.events if isinstance(one, Notice) and one.serious]
    assert (told, desk.counter.tally.exit) == (["disk full"], Exit.STATION_FAULT)


def test_a_stay_that_a_killed_station_did_not_write_down_is_made_good(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = desk.ask(0)
    with monkeypatch.context() as killed:
        killed.setattr("station.distribution.ending.record", lambda *_: None)  # CONSUMED, and no more
        assert desk.ask(1, SHA256=digest_of(given))["Status"] == "OK"
    desk.close()
    desk.ledger.close()
    with Ledger(desk.ledger.path, Vault(bytes(range(32)))) as again:
        assert again.missed_stays.make_good() == 1
        stays = again.visits.of_board(BoardUid.parse(UID))
    assert [(stay.slot, stay.outcome, stay.details["profile"]) for stay in stays] == [("serve/a", "PASS", "cam")]


def test_a_report_for_a_board_that_got_nothing_here_is_refused(desk: Desk) -> None:
    assert desk.ask(1, SHA256="ab" * 32)["Code"] == "E214"
    assert desk.ask(2)["Code"] == "E214"
    assert desk.taken() == 0


def test_a_board_is_of_one_product(desk: Desk) -> None:
    assert desk.ask(0, ProductKey="a1Nobody")["Code"] == "E202"
    given = desk.ask(0)
    for action in (0, 1, 2):
        assert desk.ask(action, ProductKey="a1Other")["Code"] == "E202"
    desk.ask(2)
    for action in (0, 1, 2):
        assert desk.ask(action, client=B, ProductKey="a1Other")["Code"] == "E202"
    assert desk.ask(0) == given


def test_without_stock_nothing_is_noted_of_the_board(desk: Desk) -> None:
    for number in range(4):
        desk.ask(0, f"A0:B1:C2:00:01:0{number}")
    assert desk.ask(0)["Code"] == "E500"
    assert desk.stays() == []


def test_what_only_a_product_secret_completes_is_passed_over_as_at_a_bench(desk: Desk) -> None:
    desk.open(product_secret=False)
    given = desk.ask(0)
    assert given["ProductSecret"] == ""
    assert desk.ask(1, SHA256=digest_of(given))["Status"] == "OK"


def test_three_failures_lock_the_client_out_and_no_other(desk: Desk) -> None:
    for number in range(3):
        uid = f"A0:B1:C2:00:01:0{number}"
        desk.ask(0, uid)
        desk.ask(2, uid)
    assert desk.ask(0)["Code"] == "E602"
    assert desk.ask(0, client=B)["Status"] == "OK"
    desk.ledger.locks.lock(STATION, Code.E702, "witness: a board was written")
    assert desk.ask(0, OTHER, client=B)["Code"] == "E702"


def test_a_client_that_says_one_thing_again_and_again_locks_itself_out_and_no_other(desk: Desk) -> None:
    desk.ask(1, SHA256=digest_of(desk.ask(0)))
    assert [desk.ask(2)["Code"] for _ in range(6)] == ["E213"] * 3 + ["E602"] * 3
    assert [outcome for _, outcome, _ in desk.stays()] == ["PASS", "FAIL", "FAIL", "FAIL"]
    assert desk.ask(0, OTHER, client=B)["Status"] == "OK"


def test_what_is_in_hand_may_be_reported_while_the_station_is_locked(desk: Desk) -> None:
    given = desk.ask(0)
    desk.ledger.locks.lock(STATION, Code.E701, "a clone")
    assert desk.ask(1, SHA256=digest_of(given))["Status"] == "OK"
    assert desk.state() is State.CONSUMED


def test_one_client_does_not_take_the_others_places(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counter, "MOST_OF_CLIENT", 2)
    monkeypatch.setattr(counter, "MOST_IN_HAND", 3)
    boards = [f"A0:B1:C2:00:01:0{number}" for number in range(4)]
    assert [desk.ask(0, uid).get("Code") for uid in boards[:3]] == [None, None, "E609"]
    assert [desk.ask(0, uid, client=B).get("Code") for uid in boards[2:]] == [None, "E609"]
    desk.ask(2, boards[0])
    until(lambda: desk.ask(0, boards[3]).get("Code") is None)
    assert desk.taken() == 4


def test_a_stranger_stops_the_station(desk: Desk) -> None:
    desk.ask(0)
    known = desk.ledger.bound_to(BoardUid.parse(UID))
    assert known is not None
    desk.ledger.carried_elsewhere(known, BoardUid.parse(OTHER), "1")
    assert desk.ask(0, OTHER)["Code"] == "E701"
    assert desk.ask(0, "A0:B1:C2:00:00:03")["Code"] == "E701"
    assert desk.counter.tally.exit is Exit.INTEGRITY
    assert desk.ledger.locks.held()[STATION].code is Code.E701


def test_the_factorys_system_is_asked_first(desk: Desk) -> None:
    asked: list[tuple[str, str]] = []

    def ask(uid: BoardUid, serial: str) -> None:
        asked.append((uid, serial))
        raise BoardFault("the factory's system refuses it", code=Code.E218)

    desk.open(permit=Permit(ask=ask))
    assert desk.ask(0)["Code"] == "E218"
    assert asked == [("a0b1c2000001", "")]
    assert desk.taken() == 0


def test_of_two_words_about_one_board_the_first_counts() -> None:
    first, second = (request.read(json.dumps(body(action)).encode()) for action in (2, 1))
    session = Handing(first.uid, Enough.REPORTED)
    identity = stock(1)[1][0]
    session.write(identity, no_progress)
    assert (session.report(first), session.report(second)) == (True, False)
    session.give_up(BoardFault("late"))
    with pytest.raises(BoardFault, match="burning failed"):
        session.read_back(identity, no_progress)
