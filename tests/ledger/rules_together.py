# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules of an identity's change, which two functions of PostgreSQL's schema ask together: by their names, and each
of them alone.
"""

from __future__ import annotations

import re
from typing import Any

import psycopg

TOGETHER = ("rules_of_a_change", "rules_of_what_was_issued")
"""Functions, and triggers of their names."""
_OF_THE_ROW = r"\n    WHEN (?:(?!\n    WHEN ).)*?\n      THEN ARRAY\['(?P<name>\w+)',\s*'(?P<says>[^']*)'\]"
_OF_OTHERS = r"PERFORM refused\('(?P<name>\w+)',\s*'(?P<says>[^']*)'\)[^;]*;"
_RULES = (re.compile(_OF_THE_ROW, re.DOTALL), re.compile(_OF_OTHERS))


def rules_together(db: psycopg.Connection[Any]) -> dict[str, str]:
    """Each rule's name, and what it says."""
    return {rule: says for function in TOGETHER for rule, says in _rules(_source(db, function)).items()}


def triggers_of(db: psycopg.Connection[Any]) -> dict[str, str]:
    """By which each of these rules is asked."""
    return {rule: function for function in TOGETHER for rule in _rules(_source(db, function))}


def leave_alone(db: psycopg.Connection[Any], name: str, trigger: str) -> None:
    """Of the rules that it asks only this one, until the transaction is undone."""
    of_the_row, of_others = _RULES
    source = of_the_row.sub(lambda rule: rule[0] if rule["name"] == name else "", _source(db, trigger))
    source = source.replace("CASE\n", "CASE WHEN false THEN NULL\n")
    source = of_others.sub(lambda rule: rule[0] if rule["name"] == name else "NULL;", source)
    db.execute(source.encode())


def _rules(source: str) -> dict[str, str]:
    return {found["name"]: found["says"] for rule in _RULES for found in rule.finditer(source)}


def _source(db: psycopg.Connection[Any], function: str) -> str:
    cursor = psycopg.Cursor[tuple[str]](db, row_factory=psycopg.rows.tuple_row)
    found = cursor.execute("SELECT pg_get_functiondef(%s::regproc)", (f"station.{function}",)).fetchone()
    assert found is not None
    return found[0]
