# SPDX-License-Identifier: GPL-3.0-or-later
"""What the rules forbid, the database itself refuses, whoever writes: each statement here is raw SQL."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from station.model import State
from station.rules import TRANSITIONS
from tests.ledger.schemas import ENGINES, Raw, Row, opened


@pytest.fixture(scope="module", params=ENGINES)
def connection(request: pytest.FixtureRequest) -> Iterator[Raw]:
    """One that is not ours, to a ledger with one identity in each state."""
    with opened(request.param) as db:
        yield db


@pytest.fixture
def raw(connection: Raw) -> Iterator[Raw]:
    """What a test does is undone behind it."""
    with connection.undone() as db:
        yield db


def one(raw: Raw, state: State) -> Row:
    return raw.execute("SELECT * FROM identities WHERE state = ? ORDER BY id LIMIT 1", state)[0]


FORBIDDEN = sorted(set(itertools.permutations(State, 2)) - TRANSITIONS)


@pytest.mark.parametrize(("before", "after"), FORBIDDEN, ids=str)
def test_a_transition_that_is_not_drawn_is_refused_even_with_an_audit_line(
    raw: Raw, before: State, after: State
) -> None:
    row = one(raw, before)
    raw.execute(
        "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, detail,"
        " previous, hash) SELECT max(seq) + 1, 'now', 'forged', 'me', ?, ?, ?, ?, ?, ?, '{}', '', 'x' FROM audit",
        *(row["id"], row["version"] + 1, before, after, row["attempt"], row["board_uid"]),
    )
    raw.refused("UPDATE identities SET state = ?, version = version + 1 WHERE id = ?", after, row["id"])
    assert one(raw, before)["id"] == row["id"]


@pytest.mark.parametrize(("before", "after"), sorted(TRANSITIONS), ids=str)
def test_an_allowed_transition_without_its_audit_line_is_refused(raw: Raw, before: State, after: State) -> None:
    row = one(raw, before)
    evidence = ", expected = 'e', found = 'e', uid_after = board_uid, method = 'm'" * (after is State.CONSUMED)
    sql = f"UPDATE identities SET state = ?, version = version + 1, reason = 'why'{evidence} WHERE id = ?"
    message = raw.refused(sql, after, row["id"])
    assert "I10" in message or ("cloud" in message and (before, after) == (State.WITHHELD, State.READY))


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
def test_a_fact_of_an_identity_cannot_be_edited(raw: Raw, state: State, change: str) -> None:
    row = one(raw, state)
    raw.refused(f"UPDATE identities SET {change}, version = version + 1 WHERE id = ?", row["id"])
    raw.refused(f"UPDATE identities SET {change} WHERE id = ?", row["id"])
    assert raw.execute("SELECT * FROM identities WHERE id = ?", row["id"]) == [row]


@pytest.mark.parametrize("state", [s for s in State if s not in (State.READY, State.WITHHELD)])
def test_an_identity_cannot_enter_in_the_middle_of_its_life(raw: Raw, state: State) -> None:
    raw.refused(
        "INSERT INTO identities (batch, provider, product_key, kind, size, state, attempt, board_uid, owner, expected,"
        " found, uid_after, method, reason, changed_at) VALUES (1, 'living', 'p', 'single', 1, ?, 1, 'newboard', ?,"
        " 'e', 'e', 'newboard', 'readback', 'why', '')",
        state,
        "me" if state in (State.RESERVED, State.WRITING) else None,
    )


def test_a_board_cannot_have_two_identities(raw: Raw) -> None:
    taken, ready = one(raw, State.CONSUMED), one(raw, State.READY)
    raw.execute(
        "INSERT INTO audit (seq, at, event, actor, identity, version, from_state, to_state, attempt, board_uid, detail,"
        " previous, hash) SELECT max(seq) + 1, 'now', 'forged', 'me', ?, 1, 'READY', 'RESERVED', 1, ?, '{}', '', 'x'"
        " FROM audit",
        *(ready["id"], taken["board_uid"]),
    )
    sql = "UPDATE identities SET state = 'RESERVED', attempt = 1, version = 1, board_uid = ?, owner = 'me' WHERE id = ?"
    assert "unique" in raw.refused(sql, taken["board_uid"], ready["id"]).lower()


@pytest.mark.parametrize(
    "change", ["device_name = 'x'", "secret = x'00'", "channel = 5", "cloud_status = 1", "content = x'00'"]
)
def test_a_certificate_is_as_issued(raw: Raw, change: str) -> None:
    raw.refused(f"UPDATE certificates SET {change} WHERE identity = ?", one(raw, State.READY)["id"])


@pytest.mark.parametrize("state", [State.READY, State.WITHHELD, State.RESERVED, State.WRITING, State.IN_DOUBT])
def test_a_secret_is_not_destroyed_before_its_time(raw: Raw, state: State) -> None:
    raw.refused("UPDATE certificates SET secret = NULL WHERE identity = ?", one(raw, state)["id"])


def test_a_certificate_does_not_move_to_another_identity(raw: Raw) -> None:
    ready, consumed = one(raw, State.READY)["id"], one(raw, State.CONSUMED)["id"]
    raw.refused("UPDATE certificates SET identity = ? WHERE identity = ?", ready, consumed)
    raw.refused("UPDATE certificates SET identity = ? WHERE identity = ?", consumed, ready)


@pytest.mark.parametrize("change", ["actor = 'x'", "hash = 'x'", "detail = '{}'"])
def test_history_is_append_only(raw: Raw, change: str) -> None:
    raw.refused(f"UPDATE audit SET {change} WHERE seq = 2")


def test_a_certificate_name_exists_once(raw: Raw) -> None:
    raw.refused(
        "INSERT INTO certificates SELECT (SELECT max(id) + 1 FROM certificates), identity, channel + 1, product_key,"
        " device_name, iot_id, device_id, node_id, cloud_status, content, secret, product_secret"
        " FROM certificates LIMIT 1",
    )
