# SPDX-License-Identifier: GPL-3.0-or-later
"""Both engines have one schema: what SQLite's steps make, PostgreSQL's make too, under the same names and in the same
words.
"""

from __future__ import annotations

import hashlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest

from station.ledger.postgres.migrating import STEPS
from station.ledger.sqlite.migrating import migrate
from tests.ledger.rules_together import TOGETHER, rules_together

FROZEN = {
    "0001_tables.sql": "77975cf2023f0b16ff60155e4cc4241e7824f2527016313f8456471e610f02f0",
    "0002_counts.sql": "501c8edb772196b3fdf0bacbe5594e29788edb31a03cfdac4b167f61617721d6",
    "0003_identities.sql": "f2820afb580be3ac2aa5359b76e11d0a01a56c3eb3ff6c4a712a10c171edb771",
    "0004_beside.sql": "8d4672f3dafe52c44f3afcbc43674b39decc24e52fdd5c309eb07fe13221f608",
    "0005_kept.sql": "1ef40383f5989e60fc8929c1cda6cd3aeb50cffe12ef8ceff780d074fdf74813",
    "0006_with_product_secret.sql": "40c6a41a3012dbdd915d36f5a1c4c19bbc269a3a4312e3141105b7cdeec1ec31",
    "0009_chains.sql": "368770c7b3b21dfa8ef494b05b5f206b6dc6fe03e956e6dd7d6e91abde075b38",
    "0010_found_by_iot_id.sql": "0a020f2259fc620a74e8f5e879e33d73791ffedef8b6d8e5c37973f7e75a786a",
    "0012_at_once.sql": "9a4401465205a1b1a2104c76a610497c230709d89b42dd5bc08cc456a473c1b8",
    "0013_whose_slot.sql": "34227d4acc276f351f8f10fdc498679aaf6039b2cc7daa034b747bc1eae984ed",
    "0014_serials.sql": "b55a4a6047b3e74a5ff0171967f51cf5f5f8cb59dc6627012f7965d5491c033a",
    "0015_outbox.sql": "a4495d53f83ae213cf8e1063a64aa43356a432e1de9fed86f30955b63420ec6b",
    "0016_what_a_line_proves.sql": "296f354a882952b176634c9aef4a84ac2eeb3dc412de996e5df3606dca1d9d8d",
    "0018_of_one_batch.sql": "8e3f16e2a8ab4edbbd1b1941334dac0d4dc0481532e83d1719e6c6df9769949b",
    "0021_visits.sql": "5cb4b1496b7f812a47411cc0e425eea02522dbf36ddb7eadee2980a64e63f540",
    "0026_rules_together.sql": "959c8ed58a868daec9cde184b54b5a8aa30cd6a65ae9bd8ef09c38e0492a244f",
    "0028_cheaper_steps.sql": "bf091ec8e64929c8da2283a9b16054fa4aa1700a3067b1950107639ef7f06f2c",
    "0032_scan_backs.sql": "d6ae5ea2adba996892900dc3b9a9809ad4cee246b2d9d5852a956687a455c4bc",
    "0033_one_look.sql": "90d9e63eea4780f002a43673a5cb5b26d2673c0d7ebf6d64431e31023762201c",
    "0035_product_secret_in_doubt.sql": "b5f303495068fe1e8230ce181933936add30f927e858486a04bf231aba48d5e7",
    "0036_reserved_for_this_board.sql": "98a2e64bac889a620a65c670bb84311547126d3548b6895a38e290765d01aa1b",
    "0037_swept_early.sql": "5e58b0ddc0cd1964585c1bdfbe4614cf97594246d1c1fcc7dabf6189c4ed751f",
    "0038_stays_beside.sql": "cf930741dc96a3668b26e817f21ae45d2b605ea8e022bf45cb349c21b02ec872",
}
"""A step is never edited once it was released: make a new one, and write its hash down here."""

TYPES = {"INTEGER": {"bigint"}, "TEXT": {"text"}, "BLOB": {"bytea"}, "REAL": {"double precision"}}
OWN_RECORD = "_sqlite_migrations"
BEFORE_REPLACE = re.compile(r"I3: \w+: UNIQUE|I2: UNIQUE: this board has an identity")
"""Against REPLACE, which deletes what a UNIQUE would refuse, and which only SQLite has."""

COUNTED = "tally_move"
KEY_COMES_FIRST = {"locks", "unlocks"}
"""In SQLite; a server adds a column behind the others."""
Connect = Callable[..., psycopg.Connection]


@pytest.fixture(scope="module")
def small() -> Iterator[sqlite3.Connection]:
    """SQLite's, as a new ledger has it."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        migrate(db)
        yield db


@pytest.fixture
def large(connect_unchanged: Connect) -> psycopg.Connection:
    """PostgreSQL's."""
    return connect_unchanged()


def source() -> str:
    return "".join(re.sub(r" *--.*", "", file.read_text("utf-8")) for file in sorted(STEPS.iterdir()))


def plain(text: str) -> str:
    """Without what only one of them says, and with single spaces."""
    text = re.sub(r"--.*", "", text).replace(' COLLATE "C"', "")
    return re.sub(r"\s+", " ", text).strip()


def tables(small: sqlite3.Connection) -> list[str]:
    sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> ? ORDER BY name"
    return [name for (name,) in small.execute(sql, (OWN_RECORD,))]


def checks(sql: str) -> list[str]:
    """What stands behind each CHECK, to its closing parenthesis."""
    found = []
    for start in (match.end() for match in re.finditer(r"\bCHECK \(", sql)):
        depth, end = 1, start
        while depth:
            depth += {"(": 1, ")": -1}.get(sql[end], 0)
            end += 1
        found.append(plain(sql[start : end - 1]))
    return sorted(found)


def test_no_step_was_ever_edited() -> None:
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in STEPS.iterdir()}
    assert found == FROZEN


def test_every_table_has_the_same_columns_in_the_same_order(
    small: sqlite3.Connection, large: psycopg.Connection
) -> None:
    sql = (
        "SELECT column_name, data_type, is_nullable, collation_name FROM information_schema.columns"
        " WHERE table_schema = 'station' AND table_name = %s ORDER BY ordinal_position"
    )
    for table in tables(small):
        found = large.execute(sql, (table,)).fetchall()
        here = small.execute(f"SELECT name, type, \"notnull\", pk FROM pragma_table_info('{table}')").fetchall()
        if table in KEY_COMES_FIRST:
            here.sort(key=lambda row: row[0] == "bench")
        assert [row[0] for row in found] == [row[0] for row in here], table
        for (name, kind, obliged, key), (_, data_type, nullable, collation) in zip(here, found, strict=True):
            assert data_type in TYPES[kind], (table, name)
            assert collation == ("C" if kind == "TEXT" else None), (table, name)
            assert table == "tallies" or (nullable == "NO") == bool(obliged or key), (table, name)


def test_no_table_is_there_that_sqlite_has_not(small: sqlite3.Connection, large: psycopg.Connection) -> None:
    found = large.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'station'").fetchall()
    assert {name for (name,) in found} == {*tables(small), "tally_parts", "steps"}


def test_every_check_says_the_same(small: sqlite3.Connection) -> None:
    for table in tables(small):
        (sql,) = small.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?", (table,)).fetchone()
        made = re.search(rf"CREATE TABLE {table} \(.*?\n\);", source(), re.DOTALL)
        later = re.findall(rf"ALTER TABLE {table} ADD CHECK [^;]*;", source())
        theirs = sorted(check for words in (made[0] if made else "", *later) for check in checks(words))
        ours = [check.replace("GLOB 'E[0-9][0-9][0-9]'", "~ '^E[0-9][0-9][0-9]$'") for check in checks(sql)]
        assert theirs == sorted(ours), table


def test_what_may_stand_is_every_check_of_an_identity(small: sqlite3.Connection) -> None:
    """One CHECK asks a function for all of them."""
    (sql,) = small.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'identities'").fetchone()
    body = re.search(r"CREATE FUNCTION may_stand\(.*?RETURN (.*?);\nEND", source(), re.DOTALL)
    assert body
    asked = [plain(line)[1:-1] for line in re.split(r"\n    AND ", body[1])]
    here = [check.replace("GLOB 'E[0-9][0-9][0-9]'", "~ '^E[0-9][0-9][0-9]$'") for check in checks(sql)]
    assert sorted(asked) == sorted(check.replace("found = expected", "its_found = expected") for check in here)


def test_every_default_says_the_same(small: sqlite3.Connection, large: psycopg.Connection) -> None:
    sql = (
        "SELECT column_name, column_default FROM information_schema.columns WHERE table_schema = 'station'"
        " AND table_name = %s AND column_default IS NOT NULL"
    )
    for table in tables(small):
        here = "SELECT name, dflt_value FROM pragma_table_info(?) WHERE dflt_value IS NOT NULL"
        found = {name: value.partition("::")[0] for name, value in large.execute(sql, (table,))}
        assert found == dict(small.execute(here, (table,)).fetchall()), table


def test_every_index_is_made_by_the_same_words(small: sqlite3.Connection, large: psycopg.Connection) -> None:
    sql = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name <> ?"
    here = {name: plain(made) for name, made in small.execute(sql, (OWN_RECORD,))}
    made = re.findall(r"CREATE (?:UNIQUE )?INDEX (\w+) .*?;", source(), re.DOTALL)
    words = [plain(part) for part in re.findall(r"CREATE (?:UNIQUE )?INDEX .*?(?=;)", source(), re.DOTALL)]
    assert dict(zip(made, words, strict=True)) == here
    there = large.execute(
        "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = indexrelid"
        " WHERE relnamespace = 'station'::regnamespace"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = c.oid)"
    ).fetchall()
    assert {name for (name,) in there} == set(here)


def test_every_key_is_the_same(small: sqlite3.Connection, large: psycopg.Connection) -> None:
    """PRIMARY KEY and UNIQUE: where SQLite's triggers say UNIQUE, this is what refuses here."""
    for table in set(tables(small)) - {"tallies"}:
        primary = small.execute("SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk", (table,)).fetchall()
        here = {tuple(name for (name,) in primary)}
        for (index,) in small.execute("SELECT name FROM pragma_index_list(?) WHERE origin = 'u'", (table,)).fetchall():
            here.add(tuple(name for (name,) in small.execute("SELECT name FROM pragma_index_info(?)", (index,))))
        there = large.execute(
            "SELECT ARRAY(SELECT attname::text FROM unnest(conkey) WITH ORDINALITY AS k(n, i)"
            " JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY i)"
            " FROM pg_constraint WHERE contype IN ('p', 'u') AND conrelid = %s::regclass",
            (table,),
        ).fetchall()
        assert {tuple(columns) for (columns,) in there} == here, table


def test_every_reference_is_the_same(small: sqlite3.Connection, large: psycopg.Connection) -> None:
    sql = (
        "SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text, b.attname FROM pg_constraint c"
        " JOIN pg_attribute a ON (a.attrelid, a.attnum) = (c.conrelid, c.conkey[1])"
        " JOIN pg_attribute b ON (b.attrelid, b.attnum) = (c.confrelid, c.confkey[1]) WHERE contype = 'f'"
    )
    here = {
        (table, column, other, there)
        for table in tables(small)
        for column, other, there in small.execute(
            'SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', (table,)
        )
    }
    assert set(large.execute(sql).fetchall()) == here


def rules_of_sqlite(small: sqlite3.Connection) -> Iterator[tuple[str, str, str, str, str]]:
    """Name, table, when, which columns, and what is said."""
    head = re.compile(r"CREATE TRIGGER (\w+) (BEFORE|AFTER) (\w+)(?: OF ([\w, ]+?))? ON (\w+)")
    for (sql,) in small.execute("SELECT sql FROM sqlite_master WHERE type = 'trigger'"):
        found, says = head.match(sql), re.search(r"RAISE\(ABORT, '(.*?)'\)", sql)
        assert found
        name, moment, event, columns, table = found.groups()
        yield name, table, f"{moment} {event}", columns or "", says[1] if says else ""


def rules_of_postgres(large: psycopg.Connection) -> set[tuple[str, str, str, str, str]]:
    sql = """SELECT tgname, relname,
        CASE WHEN tgtype & 2 = 2 THEN 'BEFORE ' ELSE 'AFTER ' END || CASE WHEN tgtype & 4 = 4 THEN 'INSERT'
          WHEN tgtype & 8 = 8 THEN 'DELETE' WHEN tgtype & 16 = 16 THEN 'UPDATE' ELSE 'TRUNCATE' END,
        array_to_string(ARRAY(SELECT attname FROM unnest(tgattr::int2[]) WITH ORDINALITY AS k(n, i)
          JOIN pg_attribute ON attrelid = tgrelid AND attnum = n ORDER BY i), ', '),
        coalesce(substring(pg_get_triggerdef(t.oid) FROM '\\(''([^'']*)''\\)$'), '')
      FROM pg_trigger t JOIN pg_class c ON c.oid = tgrelid
      WHERE relnamespace = 'station'::regnamespace AND NOT tgisinternal AND tgtype & 32 = 0"""
    found = set(large.execute(sql).fetchall())
    of_a_change = {(name, "identities", "BEFORE UPDATE", "", says) for name, says in rules_together(large).items()}
    return {rule for rule in found if rule[0] not in TOGETHER} | of_a_change


def test_every_rule_is_there_by_its_name_and_says_the_same(
    small: sqlite3.Connection, large: psycopg.Connection
) -> None:
    """Those of a change PostgreSQL asks together, and counts it there; SQLite a trigger each, where its columns are
    set."""
    here = {rule for rule in rules_of_sqlite(small) if not BEFORE_REPLACE.fullmatch(rule[4]) and rule[0] != COUNTED}
    together = rules_together(large)
    assert len(together) == 22
    always = {
        (name, table, event, "" if name in together else columns, says) for name, table, event, columns, says in here
    }
    assert rules_of_postgres(large) == always


def test_what_is_left_out_is_only_what_an_index_refuses(small: sqlite3.Connection) -> None:
    left_out = {name for name, *_, says in rules_of_sqlite(small) if BEFORE_REPLACE.fullmatch(says)}
    kept = {name for name, *_ in rules_of_sqlite(small)} - left_out
    assert left_out == {"one_board_one_identity", *(f"add_{table}" for table in tables(small))} - kept - {
        f"add_{table}" for table in ("meta", "tallies", "locks", "unlocks", "spellings", "cameras_left_out")
    }


def test_no_table_is_emptied_at_a_stroke_and_every_guard_is_always_on(large: psycopg.Connection) -> None:
    ours = "relnamespace = 'station'::regnamespace AND relkind = 'r'"
    all_tables = {name for (name,) in large.execute(f"SELECT relname FROM pg_class WHERE {ours}")}
    guarded = large.execute(
        f"SELECT relname, tgenabled FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE {ours}"
        " AND tgname = 'never_emptied'"
    ).fetchall()
    assert {table for table, _ in guarded} == all_tables
    ours += " AND NOT tgisinternal"
    switched = f"SELECT DISTINCT tgenabled FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE {ours}"
    assert large.execute(switched).fetchall() == [("A",)]
