# SPDX-License-Identifier: GPL-3.0-or-later
"""The ledger's statements as psycopg wants them: `?` and `:name` become `%s` and `%(name)s`, bound by the server.

What stands in a comment of the form /*+ … */ is for PostgreSQL alone. What stands in quotes stays as it is, and so do
`::` and a `%` of the statement's own.
"""

from __future__ import annotations

import re
from functools import lru_cache

_PARTS = re.compile(
    r"""(?:/\*\+(?P<only_here>[^*]*)\*/)|(?P<kept>'(?:[^']|'')*'|"(?:[^"]|"")*"|::)|(?P<place>\?)|:(?P<name>[A-Za-z_]\w*)|(?P<percent>%)"""
)


@lru_cache(maxsize=1024)
def in_psycopg(sql: str) -> str:
    """Once for each statement: they are constants but for their numbers of places."""
    return _PARTS.sub(_part, sql)


def _part(found: re.Match[str]) -> str:
    if only_here := found["only_here"]:
        return only_here
    if kept := found["kept"]:
        return kept.replace("%", "%%")
    if found["place"]:
        return "%s"
    return f"%({found['name']})s" if found["name"] else "%%"
