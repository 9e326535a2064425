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
    functions = house.functions(LONGEST_FUNCTION, MOST_COMPLEX)
    assert functions
    assert [function for function in functions if function.lines > LONGEST_FUNCTION] == []
    assert [function for function in functions if function.complexity > MOST_COMPLEX] == []


@pytest.mark.parametrize(
    ("lines", "statement", "may"),
    [(40, "pass", True), (39, "pass", False), (15, "if one: pass", True), (14, "assert one", False)],
)
def test_no_file_with_a_function_that_is_too_large_is_passed_over(lines: int, statement: str, *, may: bool) -> None:
    source = "class Bench:\n    def small(self): pass\n    def large(self):\n" + f"        {statement}\n" * lines
    assert house.may_exceed(source + "    def other(self): pass\n", LONGEST_FUNCTION, MOST_COMPLEX) is may


@pytest.mark.parametrize("module", ONLY_IN)
def test_what_is_imported_by_name_stays_in_its_room(module: str) -> None:
    named = re.compile(rf"import_module\(\s*[\"']{module}\b")
    places = [str(p.relative_to(house.ROOT)) for p in house.STATION.rglob("*.py") if named.search(p.read_text())]
    assert places
    assert all(place.startswith(ONLY_IN[module]) for place in places)
