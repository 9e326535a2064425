# SPDX-License-Identifier: GPL-3.0-or-later
"""The one word a bench shows across a hall: its worst tile's."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from station.events import SlotEvent


class Light(StrEnum):
    """From calm to worst: a tile's words, an ALARM above them, and OFF for a station that does not run."""

    OFF = "OFF"
    EMPTY = "EMPTY"
    PASS = "PASS"  # noqa: S105 - the word on the tile
    ALREADY_DONE = "ALREADY_DONE"
    BUSY = "BUSY"
    READY = "READY"
    WAITING = "WAITING"
    NO_STOCK = "NO_STOCK"
    FAIL = "FAIL"
    IN_DOUBT = "IN_DOUBT"
    LOCKED = "LOCKED"
    ALARM = "ALARM"


WORRIES = (Light.NO_STOCK, Light.FAIL, Light.IN_DOUBT, Light.LOCKED, Light.ALARM)
"""What somebody has to come for."""
_ORDER = {light: place for place, light in enumerate(Light)}


def light_of(tile: SlotEvent) -> Light:
    """An alarm is one on whatever tile; an empty slot for which nothing is left invites no board."""
    if tile.code is not None and tile.code.is_alarm:
        return Light.ALARM
    if tile.code is not None and tile.code.lacks_stock:
        return Light.NO_STOCK
    return Light(tile.state)


def worst(lights: Iterable[Light]) -> Light:
    """EMPTY for none: the bench works, and has told of no tile yet."""
    return max(lights, key=_ORDER.__getitem__, default=Light.EMPTY)


def milder(light: Light) -> tuple[Light, ...]:
    """It, then those that are less bad, down to EMPTY: what a tower of three lamps shows instead. OFF is never meant
    for a bench that works, and nothing else for one that does not.
    """
    lights = tuple(Light)
    return (light,) if light is Light.OFF else lights[_ORDER[light] : 0 : -1]
