# SPDX-License-Identifier: GPL-3.0-or-later
"""IoTDA's paging: newest first; `marker` is the record the page before ended with, `offset` skips up to 500 more."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from station.simulate.cloud.exchange import Received
from station.simulate.cloud.iotda_refusal import refuse_input, refuse_iotda
from station.simulate.cloud.state import World

_NEWEST = "f" * 24


def record_id(world: World) -> str:
    """24 hex digits, growing."""
    return f"5ba24f5e{world.number():016x}"


def page(call: Received, rows: Iterable[tuple[str, dict[str, Any]]]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(the page's rows, the answer's `page`) of (record id, row) pairs."""
    query = dict(call.query)
    limit, offset = _number(query.get("limit", "10")), _number(query.get("offset", "0"))
    marker = query.get("marker") or _NEWEST
    if not 1 <= limit <= 50:
        refuse_iotda(400, "IOTDA.000017", "Invalid input. The specified parameter 'limit' is out of range.")
    if not re.fullmatch("[0-9a-f]{24}", marker):
        refuse_iotda(400, "IOTDA.000018", "Invalid input. The specified parameter 'marker' is out of range.")
    if not 0 <= offset <= 500:
        refuse_input("The parameter 'offset' is out of range.")
    every = sorted(rows, key=lambda row: row[0], reverse=True)
    offset += int(call.plan.argument("shift-page") or 0) - (limit if call.plan.has("repeat-page") else 0)
    older = [row for row in every if row[0] < marker]
    start = len(every) - len(older) + offset
    found = every[max(start, 0) : max(start + limit, 0)]
    return [row for _, row in found], {"count": len(every)} | ({"marker": found[-1][0]} if found else {})


def _number(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else -1
