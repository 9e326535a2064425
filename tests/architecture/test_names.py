# SPDX-License-Identifier: GPL-3.0-or-later
"""One word a thing: no two public classes share a name, unless it is listed here why."""

import ast
from collections import defaultdict

from tests.architecture import house

_PEER = "a simulator's own, which shares no code with what it is asked by"
_SCREEN = "a screen, named after what it shows"
_TWO_SIMULATORS = "two simulators, of other hardware; neither knows the other"
_ROOMS_APART = "a small value of two rooms that never meet; a name each is better"

SHARED = {
    "Answer": _PEER,
    "Batch": _PEER,
    "Batches": _SCREEN,
    "Build": _TWO_SIMULATORS,
    "Cable": _TWO_SIMULATORS,
    "Call": _PEER,
    "Certificates": _SCREEN,
    "Device": _PEER,
    "Encryption": _PEER,
    "Error": _TWO_SIMULATORS,
    "Field": _ROOMS_APART,
    "Finding": _ROOMS_APART,
    "Findings": _ROOMS_APART,
    "Found": _ROOMS_APART,
    "Line": _ROOMS_APART,
    "Look": _ROOMS_APART,
    "NorFlash": _TWO_SIMULATORS,
    "Odd": _ROOMS_APART,
    "Partition": _PEER,
    "Patience": _ROOMS_APART,
    "Product": _PEER,
    "Products": "a cloud's capability, and what the desk tells of stock",
    "Record": _ROOMS_APART,
    "Refused": _TWO_SIMULATORS,
    "Reply": _PEER,
    "Security": _PEER,
    "Setting": _ROOMS_APART,
    "Slots": _SCREEN,
    "Trouble": _ROOMS_APART,
    "Verdict": _ROOMS_APART,
}
"""A name that is shared no more leaves this list."""


def test_no_two_public_classes_share_a_name_unless_it_is_listed_why() -> None:
    homes = defaultdict(list)
    for path in house.STATION.rglob("*.py"):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes[node.name].append(str(path.relative_to(house.ROOT)))
    shared = {name: files for name, files in homes.items() if len(files) > 1}
    assert sorted(shared) == sorted(SHARED), {name: shared.get(name) for name in shared.keys() ^ SHARED.keys()}
