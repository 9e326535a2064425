# SPDX-License-Identifier: GPL-3.0-or-later
"""What a profile says of the scans that its boards want beside their label: the product serial number."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from station.patterns import pattern


class Demand(StrEnum):
    """Whether a serial number is asked for."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialRule:
    """What of a product's boards must have a serial number, and what it looks like."""

    ask: Demand = Demand.NONE
    pattern: str = ""

    @property
    def is_asked(self) -> bool:
        return self.ask is not Demand.NONE

    @property
    def is_required(self) -> bool:
        return self.ask is Demand.REQUIRED


def serial_rule(table: object) -> SerialRule:
    """Of a `serial` table without faults."""
    assert isinstance(table, Mapping)
    return SerialRule(ask=Demand(table.get("ask", Demand.NONE)), pattern=table.get("pattern", ""))


def serial_faults(table: object) -> Iterator[str]:
    if not isinstance(table, dict):
        return
    yield from (f"“serial.{key}” is not a profile key" for key in table if key not in ("ask", "pattern"))
    if table.get("ask") not in list(Demand):
        yield f"“serial.ask” must be one of {', '.join(Demand)}"
    source = table.get("pattern", "")
    if not isinstance(source, str):
        yield "“serial.pattern” must be a str"
    elif source:
        yield from pattern_faults("serial.pattern", source, "the serial number", groups=(0, 1))


def pattern_faults(key: str, source: object, what: str, *, groups: tuple[int, ...]) -> Iterator[str]:
    """None when it is missing, or a pattern with so many groups that not everything matches."""
    if not isinstance(source, str):
        return
    try:
        compiled = pattern(source)
    except ValueError as error:
        yield f"“{key}” is not a pattern: {error}"
        return
    if compiled.groups not in groups:
        most = "exactly" if 0 not in groups else "at most"
        yield f"“{key}” must have {most} one (group): {what}"
    elif compiled.fullmatch(""):
        yield f"“{key}” matches an empty scan"
