# SPDX-License-Identifier: GPL-3.0-or-later
"""CONTRIBUTING.md sends nobody to a file that is not there."""

import re

import pytest

from tests.architecture import house

PAGES = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "station/DESIGN.md")


@pytest.mark.parametrize("page", PAGES)
def test_every_path_named_is_there(page: str) -> None:
    text = (house.ROOT / page).read_text("utf-8")
    named = set(re.findall(r"`((?:station|tests|firmware_templates)/[\w./-]+)`", text))
    assert {path for path in named if "NAME" not in path and not (house.ROOT / path).exists()} == set()


def test_every_folder_of_tests_is_explained_or_named_after_a_room() -> None:
    text = (house.ROOT / "CONTRIBUTING.md").read_text("utf-8")
    folders = {
        path.name for path in (house.ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith("_")
    }
    elsewhere = {
        "console",
        "slots",
        "firmware",
        "templates",
        "architecture",
        "readme",
    }  # rooms within rooms, and the rest
    assert {f for f in folders - house.rooms() - elsewhere if f"tests/{f}" not in text} == set()
