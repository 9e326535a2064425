# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules forbid, the database itself refuses, whoever writes: each statement here is raw SQL."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator

import pytest

from station.codes import Code
from station.ledger.store import Ledger
from station.model import IdentityKind, State
from station.rules import TRANSITIONS
from tests.ledger.ledger_samples import BATCH, evidence, nvr_set, single, uid


@pytest.fixture
def raw(ledger: Ledger) -> Iterator[sqlite3.Connection]:
    """A connection that is not ours, to a ledger with one identity in each state; its id is in `ids`."""
    ledger.receive(BATCH, [single(f"cam{i}") for i in range(8)] + [single("used", cloud_status=1), nvr_set("nvr", 2)])
    made = {}
    for number, state in enumerate([State.CONSUMED, State.IN_DOUBT, State.WRITING, State.RESERVED, State.RETIRED]):
        claim = ledger.reserve(["a1Camera"], IdentityKind.SINGLE, uid(number), "1")
        made[state] = claim.attempt.identity_id
        if state is not State.RESERVED:
            ledger.begin(claim.attempt)
        if state is State.CONSUMED:
            ledger.consume(claim.attempt, evidence(claim))
        if state in (State.IN_DOUBT, State.RETIRED):
            ledger.doubt(claim.attempt, Code.E311, "unplugged")
        if state is State.RETIRED:
            ledger.retire(claim.identity.name, "scrap", by="Li Wei")
    connection = sqlite3.connect(ledger.path, isolation_level=None, timeout=10)
    connection.row_factory = sqlite3.Row
    yield connection
    connection.close()


def one(raw: sqlite3.Connection, state: State) -> sqlite3.Row:
    row: sqlite3.Row = raw.execute("SELECT * FROM identities WHERE state = ? LIMIT 1", (state,)).fetchone()
    return row


def refused(raw: sqlite3.Connection, sql: str, *values: object) -> str:
    with pytest.raises(sqlite3.IntegrityError) as caught:
        raw.execute(sql, values)
    return str(caught.value)


FORBIDDEN = sorted(set(itertools.permutations(State, 2)) - TRANSITIONS)


@pytest.mark.parametrize(("before", "after"), FORBIDDEN, ids=str)
def test_a_transition_that_is_not_drawn_is_refused_even_with_an_audit_line(
    raw: sqlite3.Connection, before: State, after: State
) -> None:
    row = one(raw, before)
    raw.execute(
        "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, detail,"
        " previous, hash) SELECT max(seq) + 1, 'now', 'forged', 'me', ?, ?, ?, ?, ?, ?, '{}', '', 'x' FROM audit",
        (row["id"], row["version"] + 1, before, after, row["attempt"], row["board_uid"]),
    )
    refused(raw, "UPDATE identities SET state = ?, version = version + 1 WHERE id = ?", after, row["id"])
    assert one(raw, before)["id"] == row["id"]


@pytest.mark.parametrize(("before", "after"), sorted(TRANSITIONS), ids=str)
def test_an_allowed_transition_without_its_audit_line_is_refused(
    raw: sqlite3.Connection, before: State, after: State
) -> None:
    row = one(raw, before)
    complete = "reason = 'why', expected = 'e', found = 'e', uid_after = board_uid, method = 'm'"
    sql = f"UPDATE identities SET state = ?, version = version + 1, {complete} WHERE id = ?"
    message = refused(raw, sql, after, row["id"])
    assert "I10" in message


@pytest.mark.parametrize(
    ("state", "change"),
    [
        (State.WRITING, "board_uid = 'another'"),
        (State.IN_DOUBT, "board_uid = NULL"),
        (State.CONSUMED, "board_uid = 'another', uid_after = 'another'"),
        (State.CONSUMED, "expected = 'x', found = 'x'"),
        (State.CONSUMED, "found = 'x'"),
        (State.CONSUMED, "method = NULL"),
        (State.READY, "board_uid = 'a'"),
        (State.READY, "attempt = 3"),
        (State.READY, "product_key = 'other'"),
        (State.READY, "batch = 2"),
        (State.READY, "size = 2"),
        (State.READY, "kind = 'nvr-set'"),
        (State.IN_DOUBT, "attempt = 0"),
        (State.RETIRED, "reason = 'another'"),
        (State.RETIRED, "state = 'READY'"),
        (State.WITHHELD, "reason = NULL"),
    ],
)
def test_a_fact_of_an_identity_cannot_be_edited(raw: sqlite3.Connection, state: State, change: str) -> None:
    row = one(raw, state)
    before = tuple(row)
    refused(raw, f"UPDATE identities SET {change}, version = version + 1 WHERE id = ?", row["id"])
    refused(raw, f"UPDATE identities SET {change} WHERE id = ?", row["id"])
    assert tuple(raw.execute("SELECT * FROM identities WHERE id = ?", (row["id"],)).fetchone()) == before


@pytest.mark.parametrize("state", [s for s in State if s not in (State.READY, State.WITHHELD)])
def test_an_identity_cannot_enter_in_the_middle_of_its_life(raw: sqlite3.Connection, state: State) -> None:
    refused(
        raw,
        "INSERT INTO identities (batch, provider, product_key, kind, size, state, attempt, board_uid, owner, expected,"
        " found, uid_after, method, reason, changed_at) VALUES (1, 'living', 'p', 'single', 1, ?, 1, 'newboard', ?,"
        " 'e', 'e', 'newboard', 'readback', 'why', '')",
        state,
        "me" if state in (State.RESERVED, State.WRITING) else None,
    )


def test_a_board_cannot_have_two_identities(raw: sqlite3.Connection) -> None:
    taken, ready = one(raw, State.CONSUMED), one(raw, State.READY)
    raw.execute(
        "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, detail,"
        " previous, hash) SELECT max(seq) + 1, 'now', 'forged', 'me', ?, 1, 'READY', 'RESERVED', 1, ?, '{}', '', 'x'"
        " FROM audit",
        (ready["id"], taken["board_uid"]),
    )
    sql = "UPDATE identities SET state = 'RESERVED', attempt = 1, version = 1, board_uid = ?, owner = 'me' WHERE id = ?"
    assert "UNIQUE" in refused(raw, sql, taken["board_uid"], ready["id"])


@pytest.mark.parametrize(
    "change", ["device_name = 'x'", "secret = x'00'", "channel = 5", "cloud_status = 1", "content = x'00'"]
)
def test_a_certificate_is_as_issued(raw: sqlite3.Connection, change: str) -> None:
    refused(raw, f"UPDATE certificates SET {change} WHERE identity = ?", one(raw, State.READY)["id"])


@pytest.mark.parametrize("state", [State.READY, State.WITHHELD, State.RESERVED, State.WRITING, State.IN_DOUBT])
def test_a_secret_is_not_destroyed_before_its_time(raw: sqlite3.Connection, state: State) -> None:
    refused(raw, "UPDATE certificates SET secret = NULL WHERE identity = ?", one(raw, state)["id"])


def test_a_certificate_does_not_move_to_another_identity(raw: sqlite3.Connection) -> None:
    ready, consumed = one(raw, State.READY)["id"], one(raw, State.CONSUMED)["id"]
    refused(raw, "UPDATE certificates SET identity = ? WHERE identity = ?", ready, consumed)
    refused(raw, "UPDATE certificates SET identity = ? WHERE identity = ?", consumed, ready)


@pytest.mark.parametrize("change", ["actor = 'x'", "hash = 'x'", "detail = '{}'"])
def test_history_is_append_only(raw: sqlite3.Connection, change: str) -> None:
    refused(raw, f"UPDATE audit SET {change} WHERE seq = 2")


def test_a_certificate_name_exists_once(raw: sqlite3.Connection) -> None:
    refused(
        raw,
        "INSERT INTO certificates SELECT NULL, identity, channel + 1, product_key, device_name, iot_id, device_id,"
        " node_id, cloud_status, content, secret, product_secret FROM certificates LIMIT 1",
    )
