# SPDX-License-Identifier: GPL-3.0-or-later
"""station/DESIGN.md says what is so: its rooms, its state table, its decisions and its invariants are the code's."""

import re
import tomllib
from itertools import pairwise

from station.rules import TRANSITIONS, Plan
from tests.architecture import house

DESIGN = (house.STATION / "DESIGN.md").read_text("utf-8")


def floors() -> list[set[str]]:
    """The layers of the import contract, from the top."""
    contracts = tomllib.loads((house.ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(c["layers"] for c in contracts if c.get("containers") == ["station"])
    return [{room.strip() for room in layer.split("|")} for layer in layers]


def drawn() -> list[str]:
    """The rooms of the picture, from the top."""
    picture = DESIGN.split("## 4.")[1].split("```")[1]
    return re.findall(r"(?:^|  )([a-z_]+)/?(?=  )", picture, re.MULTILINE)


def test_every_room_is_drawn_and_every_drawn_room_stands() -> None:
    assert sorted(drawn()) == sorted(house.rooms())


def test_rooms_are_drawn_above_what_they_import() -> None:
    places = {room: place for place, room in enumerate(drawn())}
    for above, below in pairwise(floors()):
        assert max(places[room] for room in above) < max(places[room] for room in below)


def test_every_transition_is_in_the_table_and_no_other() -> None:
    table = DESIGN.split("| from | to | when |")[1].split("\n\n")[0]
    told = re.findall(r"^\| ([A-Z_]+) \| ([A-Z_]+) \|", table, re.MULTILINE)
    assert sorted(told) == sorted((str(a), str(b)) for a, b in TRANSITIONS)


def test_every_decision_is_in_the_table() -> None:
    table = DESIGN.split("### A board is plugged in")[1].split("###")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == list(Plan)


def test_every_invariant_that_an_error_quotes_is_defined() -> None:
    quoted = set()
    for path in (*house.STATION.rglob("*.py"), *house.STATION.rglob("*.sql")):
        quoted |= set(re.findall(r"\bI\d{1,2}\b(?=:)", path.read_text("utf-8")))
    assert quoted
    assert quoted <= set(re.findall(r"^- \*\*(I\d+)\*\*", DESIGN, re.MULTILINE))
