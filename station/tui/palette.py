# SPDX-License-Identifier: GPL-3.0-or-later
"""How each state looks. Colours are of the Okabe-Ito set, safe for colour-blind eyes, contrast at least 4.5.

Without colour the textures, borders and the lamp's position still tell the states apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from station.events import SlotState
from station.words.figures import Worry

BLUE = "#0072B2"
VERMILION = "#D55E00"
AMBER = "#E69F00"
PURPLE = "#CC79A7"
SKY = "#56B4E9"
WHITE = "#FFFFFF"
BLACK = "#000000"
GREY = "#7C8490"
NIGHT = "#0B0E14"
FILLED_GRAIN = "#B87D00"
"""The texture of a busy tile, as far as it is filled."""

WORRIES: Mapping[Worry, str] = MappingProxyType({Worry.STOCK: AMBER, Worry.DOUBT: PURPLE, Worry.PLAN: AMBER})
"""The colour behind a number that matters now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Border:
    """Eight strokes: corners clockwise from top left, then horizontal and vertical."""

    corners: str
    across: str
    down: str


SOLID = Border(corners="    ", across=" ", down=" ")
THIN = Border(corners="╭╮╯╰", across="─", down="│")
DOTTED = Border(corners="┌┐┘└", across="┄", down="┆")
DOUBLE = Border(corners="╔╗╝╚", across="═", down="║")
HEAVY = Border(corners="┏┓┛┗", across="━", down="┃")
BLOCK = Border(corners="████", across="█", down="█")


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """`ink` on `paper`; `texture` fills what the letters leave free; `lamp` is its place from the top, of LAMPS."""

    ink: str
    paper: str
    border: Border
    edge: str
    texture: str = " "
    grain: str = NIGHT  # the texture's colour
    lamp: int = 0
    mark: str = " "


LAMPS = 4
"""From the top, as on a traffic light turned over: done, at work, a person is needed, bad."""

LOOKS: Mapping[SlotState, Paint] = MappingProxyType(
    {
        SlotState.EMPTY: Paint(ink=GREY, paper=NIGHT, border=DOTTED, edge="#3A414C", lamp=-1),
        SlotState.READY: Paint(ink=SKY, paper="#0B1A24", border=THIN, edge=SKY, lamp=1, mark="•"),
        SlotState.WAITING: Paint(
            ink=SKY, paper="#0B1A24", border=DOTTED, edge=SKY, texture="·", grain="#1F4E6B", lamp=2, mark="~"
        ),
        SlotState.NO_STOCK: Paint(
            ink=BLACK, paper=AMBER, border=DOTTED, edge=BLACK, texture="·", grain="#8A5F00", lamp=2, mark="0"
        ),
        SlotState.BUSY: Paint(
            ink=AMBER, paper="#2A1F06", border=THIN, edge=AMBER, texture="░", grain="#4A3606", lamp=1, mark="►"
        ),
        SlotState.PASS: Paint(ink=WHITE, paper=BLUE, border=SOLID, edge=WHITE, lamp=0, mark="✓"),
        SlotState.FAIL: Paint(
            ink=BLACK, paper=VERMILION, border=DOUBLE, edge=BLACK, texture="╳", grain="#8A3A00", lamp=3, mark="✗"
        ),
        SlotState.ALREADY_DONE: Paint(
            ink=WHITE, paper="#06283D", border=THIN, edge=SKY, texture="─", grain="#0A5C8C", lamp=0, mark="✓"
        ),
        SlotState.IN_DOUBT: Paint(
            ink=BLACK, paper=PURPLE, border=HEAVY, edge=BLACK, texture="?", grain="#8C4A70", lamp=2, mark="?"
        ),
        SlotState.LOCKED: Paint(
            ink=WHITE, paper=BLACK, border=BLOCK, edge=GREY, texture="▚", grain="#3C3C3C", lamp=2, mark="#"
        ),
    }
)
