# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes the house one that strangers can move into, measured.

`python -m tests.architecture` prints the numbers.
"""

import re

import pytest

from tests.architecture import house

ONLY_IN = {"esptool": "station/targets/", "esp_idf_nvs_partition_gen": "station/targets/"}
"""Imported by name when first used, which the import contracts cannot see."""
LONGEST_FUNCTION = 40
MOST_COMPLEX = 15


def test_no_modules_go_in_circles() -> None:
    assert house.circles(house.arrows()) == []


def test_circles_are_found() -> None:
    graph = {"a": {"b"}, "b": {"c"}, "c": {"b"}, "d": {"a"}}
    assert house.circles(graph) == [["b", "c"]]


def test_a_function_fits_on_a_screen_and_has_few_ways_through_it() -> None:
    """Ways are counted more strictly than by C901: `and`, `or` and conditional expressions too. Parameters are ruff's
    to count: PLR0913."""
    functions = house.functions()
    assert [function for function in functions if function.lines > LONGEST_FUNCTION] == []
    assert [function for function in functions if function.complexity > MOST_COMPLEX] == []


@pytest.mark.parametrize("module", ONLY_IN)
def test_what_is_imported_by_name_stays_in_its_room(module: str) -> None:
    named = re.compile(rf"import_module\(\s*[\"']{module}\b")
    places = [str(p.relative_to(house.ROOT)) for p in house.STATION.rglob("*.py") if named.search(p.read_text())]
    assert places
    assert all(place.startswith(ONLY_IN[module]) for place in places)
