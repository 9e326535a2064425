# SPDX-License-Identifier: GPL-3.0-or-later
"""Each guard of the schema refuses what it is there for when no other one stands beside it: where two would refuse the
same, a lost one is missed all the same. Raw SQL, on a ledger whose other triggers are dropped, on both engines.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.ledger.schemas import ENGINES, Raw, Sqlite, opened
from tests.migrated import fill

SEED = """
INSERT INTO visits VALUES (1, 0, '1', NULL, 'PASS', '', '', NULL, NULL, 0, '', '{}', '');
INSERT INTO cloud_requests (id, request_id, provider, operation, product_key, detail, state, sent_at, changed_at)
  VALUES (1, 'r', 'living', 'generate', 'p', '{}', 'ANSWERED', '', '');
INSERT INTO conflicts (product_key, device_name, content, batch, seen_at, decision)
  VALUES ('p', 'n', x'00', 1, '', 'refused');
INSERT INTO registrations (id, batch_id, identity, channel, kind, product_key, device_name, node_id, gateway_id, mark,
  secret, state, changed_at) VALUES (1, 'b', 1, 0, 'single', 'p', 'n', 'n', '', 'm', NULL, 'DONE', '');
INSERT INTO found_on_boards VALUES ((SELECT id FROM identities WHERE state = 'WITHHELD'), 'ab01');
INSERT INTO cloud_answers VALUES (1, 1, 0);
INSERT INTO strangers (id, board_uid, identity, attempt, found_line) VALUES (1, 'ab09', 2, 1, 1);
INSERT INTO vouched VALUES (2, 1, 1);
INSERT INTO locks (scope, code, what, since) VALUES ('', 'E702', '', '');
INSERT INTO foretold VALUES ('h', 1, 'n', 'single', 'ab01', '', '', '');
INSERT INTO spellings SELECT board_uid, 'ab79' FROM identities WHERE state = 'CONSUMED';
INSERT INTO odd_items (id, provider, batch_id, item, place, why, raw, seen_at)
  VALUES (1, 'l', 'b', 'i', '', '', '', '');
INSERT INTO cameras_left_out VALUES (5, 'Li Wei', 'why', '');
INSERT INTO serials (id, board_uid, serial, given_line) VALUES (1, 'ab09', 'SN9', 1);
INSERT INTO scan_backs (id, identity, bench, slot, owed_line) VALUES (1, 2, '', '1', 1);
INSERT INTO receivers VALUES ('mes', '', 1, '');
INSERT INTO held_events VALUES ('mes', 1, 'sent', '', '');
INSERT INTO ordered VALUES (2, 1, 'WO-1');
"""

ARRIVES = """INSERT INTO identities (batch, provider, product_key, kind, size, state, version, changed_at{columns})
VALUES (1, 'living', 'p', 'single', 1, 'READY', {version}, ''{values})"""


def one(state: str) -> str:
    return f"(SELECT id FROM identities WHERE state = '{state}' LIMIT 1)"


def change(state: str, columns: str) -> str:
    return f"UPDATE identities SET {columns} WHERE id = {one(state)}"


def of_certificate(state: str, columns: str) -> str:
    return f"UPDATE certificates SET {columns} WHERE identity = {one(state)}"


DONE_BOARD = "(SELECT board_uid FROM identities WHERE state = 'CONSUMED')"
STRANGER = "INSERT INTO strangers (board_uid, identity, attempt, found_line) VALUES "
SCAN_BACK = "INSERT INTO scan_backs (identity, bench, slot, owed_line) VALUES "
TAKE = "state = 'RESERVED', owner = 'me', attempt = 1, board_uid = "
ALONE = {
    # one board, one identity
    "one_board_one_identity": change("READY", TAKE + DONE_BOARD),
    "one_identity_a_board": change("READY", TAKE + DONE_BOARD),
    "board_is_for_life": change("IN_DOUBT", "board_uid = 'another'"),
    "a_stranger_takes_no_identity": change("READY", TAKE + "'ab09'"),
    "a_doubt_waits_for_the_stranger": change("IN_DOUBT", "state = 'WRITING', owner = 'me'"),
    # the machine
    "only_drawn_transitions": change("WRITING", "state = 'READY', owner = NULL, board_uid = NULL"),
    "final_retired": change("RETIRED", "reason = 'another'"),
    "attempt_only_grows": change("IN_DOUBT", "attempt = attempt - 1"),
    "changes_are_versioned": change("IN_DOUBT", "reason = 'another'"),
    "changes_are_audited": change("READY", "state = 'WITHHELD', version = version + 1"),
    "consumed_has_all_its_evidence": change(
        "IN_DOUBT", "state = 'CONSUMED', expected = 'e', found = 'e', method = 'm', uid_after = NULL"
    ),
    "retired_has_a_reason": change("CONSUMED", "state = 'RETIRED', reason = NULL"),
    "evidence_stays": change("CONSUMED", "method = 'another'"),
    "enter_ready_or_withheld": ARRIVES.format(columns="", version=1, values=""),
    "audit_of_transition": "INSERT INTO audit SELECT (SELECT max(seq) + 1 FROM audit), at, event, actor, identity,"
    " version, from_state,"
    " to_state, attempt, board_uid, slot, detail, previous, 'h', chain FROM audit WHERE version IS NOT NULL LIMIT 1",
    # the way back
    "never_back_from_a_board": change("WITHHELD", "state = 'READY'"),
    "back_after_the_cloud": change("WITHHELD", "state = 'READY'"),
    "back_by_a_supervisor": change("WITHHELD", "state = 'READY'"),
    "nothing_disputed_goes_out": "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at)"
    f" SELECT product_key, device_name, x'01', 1, '' FROM certificates WHERE identity = {one('READY')};"
    + change("READY", TAKE + "'ab77'"),
    "conflicts_arrive_undecided": "INSERT INTO conflicts (product_key, device_name, content, batch, seen_at, decision)"
    " VALUES ('p', 'n', x'02', 1, '', 'kept')",
    "fix_conflicts": "UPDATE conflicts SET content = x'09'",
    # what the cloud issued
    "what_was_issued_stays": change("READY", "product_key = 'other'"),
    "certificates_are_as_issued": of_certificate("READY", "device_name = 'x'"),
    "certificates_move_only_when_a_set_opens": of_certificate("CONSUMED", "identity = 5"),
    "secrets_end_with_the_identity": of_certificate("IN_DOUBT", "secret = NULL"),
    "batches_are_as_received": "UPDATE batches SET batch_id = 'another'",
    # keys of boards
    "board_key_comes_with_writing": change("IN_DOUBT", "board_key = x'00'"),
    "board_key_stays": "UPDATE identities SET board_key = x'01' WHERE board_key IS NOT NULL",
    "no_board_key_without_a_board": ARRIVES.format(columns=", board_key", version=0, values=", x'00'"),
    # a ledger that was set back
    "nothing_is_given_out_of_a_ledger_set_back": change("READY", TAKE + "'ab77'"),
    "only_recovery_unlocks": "DELETE FROM locks",
    "this_lock_stays": "UPDATE locks SET code = 'E608'",
    "no_other_lock_in_its_place": "REPLACE INTO locks (scope, code, what, since) VALUES ('', 'E608', '', '')",
    "doubt_without_a_write": change("READY", "state = 'IN_DOUBT', attempt = 1, board_uid = 'ab78'"),
    "one_board_however_spelt": change("READY", TAKE + "'ab79'"),
    # a set that lost a camera
    "only_a_retired_camera_is_left_out": "INSERT INTO cameras_left_out VALUES (1, 'x', 'why', '')",
    "keep_cameras_left_out": "DELETE FROM cameras_left_out",
    "fix_cameras_left_out": "UPDATE cameras_left_out SET reason = 'another'",
    "an_nvr_waits_for_its_cameras": "UPDATE identities SET kind = 'nvr-member', set_of = id, size = 1"
    " WHERE kind = 'nvr-set'; INSERT INTO identities (batch, provider, product_key, kind, set_of, channel, size, state,"
    " changed_at) SELECT 1, 'living', 'p', 'nvr-member', id, 1, 1, 'READY', '' FROM identities WHERE set_of = id;"
    f" UPDATE identities SET {TAKE} 'ab77' WHERE set_of = id",
    # the outbox
    "receivers_go_forward": "UPDATE receivers SET settled = 0",
    "receivers_have_what_was": "UPDATE receivers SET settled = 99",
    "receivers_begin_with_what_was": "INSERT INTO receivers VALUES ('erp', '', 99, '')",
    "fix_held_events": "UPDATE held_events SET state = 'waiting'",
    # beside the identities
    "requests_keep_their_question": "UPDATE cloud_requests SET detail = '[]'",
    "fix_registrations": "UPDATE registrations SET mark = 'another'",
    "fix_odd_items": "UPDATE odd_items SET item = 'another'",
    "strangers_are_audited": STRANGER + "('ab10', 2, 1, 1)",
    "strangers_are_settled_once": "UPDATE strangers SET fate = 'wiped', settled_line = 1",
    "one_stranger_at_a_time": STRANGER + "('ab09', 2, 1, 1)",
    "serials_are_audited": "INSERT INTO serials (board_uid, serial, given_line) VALUES ('ab10', 'SN10', 1)",
    "serials_end_once": "UPDATE serials SET ended_line = 1",
    "one_serial_a_board": "INSERT INTO serials (board_uid, serial, given_line) VALUES ('ab09', 'SN10', 1)",
    "one_board_a_serial": "INSERT INTO serials (board_uid, serial, given_line) VALUES ('ab10', 'SN9', 1)",
    "scan_backs_are_audited": SCAN_BACK + "(3, '', '1', 1)",
    "scan_backs_end_once": "UPDATE scan_backs SET ended_line = 1",
    "one_scan_back_an_identity": SCAN_BACK + "(2, '', '2', 1)",
    "vouched_is_audited": "INSERT INTO vouched VALUES (3, 1, 1)",
}
"""What the guard of this name must refuse."""

NEVER_DELETED = [
    *("identities", "certificates", "audit", "visits", "batches", "cloud_requests", "conflicts", "registrations"),
    *("found_on_boards", "cloud_answers", "strangers", "vouched", "odd_items", "foretold", "spellings"),
    *("serials", "scan_backs"),
    *("receivers", "held_events", "ordered"),
]
APPEND_ONLY = ["audit", "visits", "found_on_boards", "cloud_answers", "vouched", "foretold", "spellings", "ordered"]
ALONE |= {f"keep_{table}": f"DELETE FROM {table}" for table in NEVER_DELETED}
ALONE |= {
    f"add_{table}": f"REPLACE INTO {table} SELECT * FROM {table} LIMIT 1"
    for table in NEVER_DELETED
    if table != "spellings"  # its step filled it, and nobody else ever does
}
ALONE |= {f"fix_{table}": f"UPDATE {table} SET {{first}} = {{first}}" for table in APPEND_ONLY}


IMPOSSIBLE = (
    change("READY", "board_uid = 'ab01'"),
    change("WRITING", "board_uid = NULL"),
    change("WRITING", "attempt = 0"),
    change("WRITING", "owner = NULL"),
    change("IN_DOUBT", "owner = 'me'"),
    change("CONSUMED", "found = 'another'"),
    change("CONSUMED", "expected = NULL, found = NULL"),
    change("CONSUMED", "uid_after = 'another'"),
    change("CONSUMED", "method = NULL"),
    change("RETIRED", "reason = ''"),
    change("READY", "kind = 'nvr-member'"),
    change("READY", "state = 'LOST'"),
)


@pytest.fixture(scope="module", params=ENGINES)
def bare(request: pytest.FixtureRequest) -> Iterator[Raw]:
    """One identity in each state, a row in each table, and no trigger: made once, for to take off forty tables'
    triggers costs ten times what a test does."""
    with opened(request.param) as db:
        db.without_guards()
        db.prepare(SEED + change("CONSUMED", "board_key = x'00'"))
        yield db


@pytest.fixture
def raw(bare: Raw) -> Iterator[Raw]:
    """As a test likes it; it is undone behind it."""
    with bare.undone() as db:
        yield db


def guards_of_sqlite() -> set[str]:
    """Every trigger that raises, as a new ledger has it, and every unique index."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as new:
        fill(new)
        indexes = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE 'CREATE UNIQUE INDEX %'"
        unique = {name for (name,) in new.execute(indexes) if not name.startswith("idx__")}
        return unique | {name for name, said in Sqlite(new).guards().items() if said}


def test_each_guard_of_the_schema_has_what_it_must_refuse_written_down() -> None:
    assert guards_of_sqlite() == set(ALONE)


@pytest.mark.parametrize("name", sorted(ALONE))
def test_a_guard_refuses_alone_what_it_is_there_for(raw: Raw, name: str) -> None:
    sql = ALONE[name]
    if "{first}" in sql:
        sql = sql.format(first=next(iter(raw.execute(f"SELECT * FROM {name.partition('_')[2]} LIMIT 1")[0])))
    raw.with_guard(name)
    *before, last = [part for part in sql.split(";") if part.strip()]
    raw.prepare(";".join(before))
    refused = raw.refused(last)
    expected = raw.guards().get(name)
    if expected is None:  # an index; on PostgreSQL also where SQLite needs a trigger against REPLACE
        assert "unique constraint" in refused.lower() or raw.is_denied(refused)
    else:
        assert refused == expected or raw.is_denied(refused)


@pytest.mark.parametrize("statement", IMPOSSIBLE)
def test_an_impossible_row_is_refused_without_any_trigger(raw: Raw, statement: str) -> None:
    assert "check constraint" in raw.refused(statement).lower()
