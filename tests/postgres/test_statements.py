# SPDX-License-Identifier: GPL-3.0-or-later
"""Statements with `?` and `:name` reach the server with their values bound, and nothing else of them changes."""

from __future__ import annotations

import re
from collections.abc import Callable

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.ledger.postgres.rows import adapt, named
from station.ledger.postgres.statements import in_psycopg
from station.model import State


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("SELECT 1", "SELECT 1"),
        ("a = ? AND b IN (?,?)", "a = %s AND b IN (%s,%s)"),
        ("a = :uid OR :uid IS NULL", "a = %(uid)s OR %(uid)s IS NULL"),
        ("a = '?' AND b = ':uid' AND c = ?", "a = '?' AND b = ':uid' AND c = %s"),
        ("a = 'it''s ?' AND b = ?", "a = 'it''s ?' AND b = %s"),
        ('"a?" = ? AND ":b" = :b', '"a?" = %s AND ":b" = %(b)s'),
        ("a::text = ? AND :b::text = c", "a::text = %s AND %(b)s::text = c"),
        ("a LIKE 'retired %' AND b % 2 = ?", "a LIKE 'retired %%' AND b %% 2 = %s"),
    ],
)
def test_places_become_psycopg_s(ours: str, theirs: str) -> None:
    assert in_psycopg(ours) == theirs


QUOTED = st.text("ab'%?:", max_size=6).map(lambda text: "'" + text.replace("'", "''") + "'")
PARTS = st.one_of(QUOTED, st.sampled_from(["?", ":one", "::text", "%", " ", "a", "("]))


@given(st.lists(PARTS, max_size=12))
def test_what_is_no_place_stays(parts: list[str]) -> None:
    """As psycopg reads it back: `%s` and `%(one)s` are places, `%%` is a percent sign."""
    sql = " ".join(parts)
    read = {"%s": "?", "%(one)s": ":one", "%%": "%"}
    assert re.sub(r"%(s|%|\(one\)s)", lambda found: read[found[0]], in_psycopg(sql)) == sql


@pytest.fixture
def db(connect: Callable[..., psycopg.Connection]) -> psycopg.Connection:
    server = connect()
    adapt(server)
    server.row_factory = named  # type: ignore[assignment]
    return server


def test_values_are_what_the_ledger_gave_and_rows_are_read_by_name_or_place(db: psycopg.Connection) -> None:
    sql = in_psycopg("SELECT ? AS state, ? AS flag, :missing IS NULL".replace(":missing", "?::text") + " AS missing")
    row = db.execute(sql.encode(), (State.READY, True, None)).fetchone()
    assert row is not None
    assert (row["state"], row[1], row["missing"]) == ("READY", 1, True)  # type: ignore[call-overload]
    assert dict(zip(row.keys(), row, strict=True)) == {"state": "READY", "flag": 1, "missing": True}  # type: ignore[attr-defined]
    summed = db.execute("SELECT sum(n)::numeric AS n FROM (VALUES (1::bigint), (2)) AS x(n)").fetchone()
    assert summed is not None and repr(summed["n"]) == "3"  # type: ignore[call-overload]


def test_one_name_in_two_places_is_one_value_with_the_type_of_its_first(db: psycopg.Connection) -> None:
    sql = in_psycopg("SELECT count(*) AS n FROM meta WHERE key = :key OR :key IS NULL").encode()
    assert db.execute(sql, {"key": None, "unused": 1}).fetchone()["n"] == 0  # type: ignore[index, call-overload]
    assert db.execute(sql, {"key": "none"}).fetchone()["n"] == 0  # type: ignore[index, call-overload]
