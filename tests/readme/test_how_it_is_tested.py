# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of campaigns says what the last kept run of each came to, and leaves none out."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from tests.readme.pages import PAIRS
from tests.soak.campaigns import CAMPAIGNS
from tests.soak.toll import RESULTS

ROW = re.compile(r"^\| `(?:tests\.soak )?([a-z ]+)`[^|]*\| ([\d,]+) \| ([\d,]+) \| ([\d,]+) \|$", re.MULTILINE)


def told(page: Path) -> dict[str, list[int]]:
    text = page.read_text("utf-8")
    return {group: [int(number.replace(",", "")) for number in numbers] for group, *numbers in ROW.findall(text)}


def kept() -> dict[str, list[int]]:
    sums: dict[str, Counter[str]] = {}
    for result in json.loads(RESULTS.read_text("utf-8")).values():
        sums.setdefault(result["group"], Counter()).update({k: result[k] for k in ("runs", "faults", "violations")})
    return {group: [numbers["runs"], numbers["faults"], numbers["violations"]] for group, numbers in sums.items()}


@pytest.mark.parametrize("page", PAIRS["tested"], ids=lambda page: page.name)
def test_the_table_says_what_the_campaigns_came_to(page: Path) -> None:
    assert told(page) == kept()


def test_each_campaign_has_run_and_nothing_was_found_wrong() -> None:
    results = json.loads(RESULTS.read_text("utf-8"))
    assert {campaign.name for campaign in CAMPAIGNS} <= set(results)
    assert [name for name, result in results.items() if result["violations"]] == []
