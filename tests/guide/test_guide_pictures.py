# SPDX-License-Identifier: GPL-3.0-or-later
"""A form of the guide as a picture: what was wrong, what is lacking. Drawn anew as those of `tests/tui` are."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from station.guide.making import KeptBy
from station.model import Language
from tests.guide.guide_floor import Bare, guided
from tests.tui.test_snapshots import is_drawn, looks

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize(
    ("language", "size", "look"),
    [(Language.CHINESE, (80, 24), "sixteen"), (Language.ENGLISH, (120, 30), "nocolor")],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_form_that_was_not_filled_well(
    language: Language, size: tuple[int, int], look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looks(monkeypatch, look)
    bare = Bare(tmp_path)
    with closing(bare.guide()) as guide:
        guide.begin(name="b", language=language, kept_by=KeptBy.FILE, passphrase=None)
    async with guided(bare, language=language, size=size) as at:
        text = at.app.words.guide
        await at.sees(text.supervisor)
        await at.type("246810", "246811")
        await at.sees(text.not_the_same)
        await at.type("")
        await at.type("")
        await at.sees(text.needed.format(line=text.pin))
        name = f"form-{size[0]}x{size[1]}-{language}-{look}"
        await is_drawn(name, at, tmp_path, Path(__file__).parent / "__snapshots__")
