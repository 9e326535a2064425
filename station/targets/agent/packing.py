# SPDX-License-Identifier: GPL-3.0-or-later
"""An identity as SET lines (firmware_templates/agent/PROTOCOL.md §6): as few as hold it, none too long for a board."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from station.model import Identity
from station.targets.agent.line import command, encoded

LONGEST_LINE: Final = 512
"""Of a command, from “@” to the newline, both included."""


def set_lines(identity: Identity, txid: str) -> Iterator[tuple[str, ...]]:
    """Each goes on where the one before ended, and needs nothing of it: one that is lost can be sent again alone."""
    line, start = "", 0
    in_line = b""  # the productKey of the channel before, where this line has it
    for channel, certificate in enumerate(identity):
        for number, value in enumerate(certificate.board_fields()):
            if not value:
                continue
            text = "=" if number == 0 and value == in_line else encoded(value)
            longer = line + _between(line, channel - start, number) + text
            if line and len(command("0000", "SET", txid, str(start), longer)) > LONGEST_LINE:
                yield "SET", txid, str(start), line
                start, longer, in_line = channel, "," * number + encoded(value), b""
            line = longer
            in_line = value if number == 0 else in_line
    yield "SET", txid, str(start), line


def _between(line: str, certificate: int, field: int) -> str:
    """What leads from the end of `line` to that field of its certificate number `certificate`."""
    missing = certificate - line.count(";")
    if missing:
        return ";" * missing + "," * field
    return "," * (field - line.rpartition(";")[2].count(","))
