# SPDX-License-Identifier: GPL-3.0-or-later
"""One word a thing: no two public classes share a name, unless it is listed here why."""

import re
from collections import defaultdict

from tests.architecture import house

_PUBLIC = re.compile(r"^class ([A-Za-z]\w*)", re.MULTILINE)
_PEER = "the simulator's own of what both are named after in the field; it shares no code with what it is asked by"
SHARED = dict.fromkeys(("Batch", "Device", "Partition", "Product", "Reply"), _PEER)
"""A name that is shared no more leaves this list. Five are the most: a sixth is to be renamed."""


def test_no_two_public_classes_share_a_name_unless_it_is_listed_why() -> None:
    homes = defaultdict(list)
    for path in house.STATION.rglob("*.py"):
        for name in _PUBLIC.findall(path.read_text("utf-8")):
            homes[name].append(str(path.relative_to(house.ROOT)))
    shared = {name: files for name, files in homes.items() if len(files) > 1}
    assert len(SHARED) <= 5
    assert sorted(shared) == sorted(SHARED), {name: shared.get(name) for name in shared.keys() ^ SHARED.keys()}
