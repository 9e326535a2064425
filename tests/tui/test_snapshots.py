# SPDX-License-Identifier: GPL-3.0-or-later
"""The screens as pictures. `STATION_SNAPSHOTS=write pytest tests/tui/test_snapshots.py` draws them anew; look at them
before they are committed.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from html import unescape
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from textual.widgets import Input

import station.tui
from station.codes import Blame, Code
from station.errors import CloudRefused
from station.events import Phase, SlotState
from station.model import Language
from station.tui.bars import DoubtBanner
from station.words.tongues import TONGUES
from tests.guide.guide_floor import GuideFloor
from tests.sampled import sampled
from tests.tui.fake_desk import DISPUTE, DOUBT, FakeDesk, a_lock
from tests.tui.tui_floor import Floor, Size, floor
from tests.waiting import PATIENCE_S

pytestmark = pytest.mark.asyncio
WRITES = os.environ.get("STATION_SNAPSHOTS") == "write"
FOLDER = Path(__file__).parent / "__snapshots__"
_STILL_TO_COME_S = 3.0
LOST = replace(DOUBT, name="a1B2c3D4e5F/cam_0009", uid="a4cf12bc00c7", red_bin=True)
_ROOMS = (
    ("batches", (), "1208441"),
    ("products", (), "8120"),
    ("certificates", (), "cam_0009"),
    ("search", (*"cam_0009", "enter"), "E311"),
    ("doubts", (), "cam_0009"),
    ("lock-outs", (), "E602"),
    ("slots", (), "usb-0:2:1.3"),
    ("profiles", ("f5",), "E202"),
    ("handover", (), "1234"),
    ("disputes", (), "october"),
)
README = Path(station.tui.__file__).parent / "screenshots"
SIZES: list[Size] = [(80, 24), (120, 30), (200, 50)]
EVERY_LOOK = pytest.mark.parametrize(
    ("size", "language", "look"),
    [
        *product(SIZES, Language, [""]),
        *sampled(list(product(SIZES, Language, ["nocolor", "sixteen"])), 5),  # each size, language and look
    ],
    ids=lambda value: f"{value[0]}x{value[1]}" if isinstance(value, tuple) else value or "colour",
)


@pytest.fixture(autouse=True)
def _same_time_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.tui.bars.clock", lambda at: "08:00")
    monkeypatch.setattr("station.words.paper.clock", lambda at: time.strftime("%H:%M", time.gmtime(at)))
    for module in (
        "screens.waking",
        "screens.doubts",
        "screens.disputes",
        "screens.lockouts",
        "screens.search",
    ):
        monkeypatch.setattr(f"station.tui.{module}.moment", lambda at: "2026-09-21 14:03:20")
    monkeypatch.setattr("station.tui.screens.board_log.instant", lambda at: "2026-09-21 14:03:20.250")
    monkeypatch.setattr("station.words.paper.moment", lambda at: "2026-09-21 14:03:20")


def settled(svg: str) -> str:
    """Without fonts from elsewhere and the numbers that differ between runs; no viewer may join leading blanks."""
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)
    svg = svg.replace("Fira Code", "DejaVu Sans Mono")
    return "\n".join(line.rstrip() for line in re.sub(r"terminal-\d+", "t", svg).splitlines() if line.strip()) + "\n"


def spaced(svg: str) -> str:
    """A run is made as long as it has letters, and a Chinese one is two cells: they would overlap."""

    def of_its_cells(found: re.Match[str]) -> str:
        head, length, rest, text = found.groups()
        letters = unescape(text)
        wider = max(1, cell_len(letters) / len(letters))  # a line's end has no cell
        return f"{head}{float(length) * wider:.6g}{rest}{text}</text>"

    return re.sub(r'(<text [^>]*?textLength=")([\d.]+)("[^>]*>)([^<]+)</text>', of_its_cells, svg)


def as_kept(svg: str, folder: Path) -> str:
    """What people look at in the README is spaced; the others are compared with themselves alone."""
    return spaced(settled(svg)) if folder == README else settled(svg)


def compare(name: str, svg: str, tmp_path: Path, folder: Path = FOLDER) -> None:
    drawn, kept = as_kept(svg, folder), folder / f"{name}.svg"
    if WRITES:
        folder.mkdir(exist_ok=True)
        kept.write_text(drawn, "utf-8")
    if not kept.exists() or kept.read_text("utf-8") != drawn:
        actual = tmp_path / kept.name
        actual.write_text(drawn, "utf-8")
        pytest.fail(f"{kept.name} looks different now: compare it with {actual}")


def looks(monkeypatch: pytest.MonkeyPatch, look: str) -> None:
    """Of a terminal without colours, or with sixteen; in all of them where nothing is said."""
    if look == "nocolor":
        monkeypatch.setenv("NO_COLOR", "1")
    if look == "sixteen":
        monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "standard")


async def draw(bench: Floor | GuideFloor) -> str:
    for field in bench.app.screen.query(Input):
        field.cursor_blink = False
    await bench.pilot.pause(0.1)
    return bench.app.export_screenshot(title="station")


async def is_drawn(name: str, bench: Floor | GuideFloor, tmp_path: Path, folder: Path = FOLDER) -> None:
    """As kept, once all that is still to come is on the screen; that is waited for before it is written anew, too."""
    kept, deadline = folder / f"{name}.svg", time.monotonic() + (_STILL_TO_COME_S if WRITES else PATIENCE_S)
    svg = await draw(bench)
    while kept.exists() and kept.read_text("utf-8") != as_kept(svg, folder) and time.monotonic() < deadline:
        svg = await draw(bench)
    compare(name, svg, tmp_path, folder)


@EVERY_LOOK
async def test_every_state(
    size: Size, language: Language, look: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    looks(monkeypatch, look)
    async with floor(FakeDesk(in_doubt=(DOUBT,), slot_count=10), size, language) as bench:
        await bench.press("space")
        bench.desk.all_states()
        await bench.sees("E204", "E602", DOUBT.uid[-4:].upper())
        await bench.until(lambda: bench.app.bench.query_one(DoubtBanner).display)
        await is_drawn(f"states-{size[0]}x{size[1]}-{language}{look and f'-{look}'}", bench, tmp_path)


async def _alarm(bench: Floor) -> None:
    bench.desk.notice(Code.E701, "cam_0007 on two boards", serious=True)
    await bench.sees("cam_0007 on two boards")


async def _scan(bench: Floor) -> None:
    await bench.scan("SN20260921A")
    await bench.sees("Label for slot 2")


@pytest.mark.parametrize("go", [_alarm, _scan], ids=lambda go: go.__name__.strip("_"))
async def test_other_screens(go: Callable[[Floor], Awaitable[None]], tmp_path: Path) -> None:
    async with floor(size=(120, 40)) as bench:
        bench.desk.in_doubt = (DOUBT,)
        bench.desk.all_states()
        await bench.sees("E204", "1234", "TO BE PUT BACK: 1")
        await go(bench)
        await is_drawn(go.__name__.strip("_"), bench, tmp_path)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_sixteen_slots(size: Size, language: Language, tmp_path: Path) -> None:
    async with floor(FakeDesk(slot_count=16), size, language) as bench:
        bench.desk.all_states()
        doubt = TONGUES[language].states[SlotState.IN_DOUBT][0]
        await bench.sees(*((doubt,) if size == SIZES[2] else ("E204", "E602", "1234")))  # the rest is in block letters
        await is_drawn(f"sixteen-{size[0]}x{size[1]}-{language}", bench, tmp_path)


@pytest.mark.parametrize("size", SIZES[:2], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_first_screen_after_a_pulled_plug(size: Size, tmp_path: Path) -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT, LOST)), size) as bench:
        await bench.sees("cam_0007", "Space: go on")
        await bench.pilot.pause(0.5)  # the bench behind it has its numbers
        await is_drawn(f"waking-{size[0]}x{size[1]}", bench, tmp_path)


@pytest.mark.parametrize(("size", "language"), [(SIZES[0], Language.CHINESE), (SIZES[1], Language.ENGLISH)])
async def test_every_room(size: Size, language: Language, tmp_path: Path) -> None:
    desk = FakeDesk(in_doubt=(DOUBT, LOST), in_dispute=(DISPUTE,))
    desk.locks = {"2": a_lock(Code.E602, "slot 2 is locked: 3 failures in a row, probably the fixture", "2")}
    async with floor(desk, size, language) as bench:

        async def look(name: str, *keys: str, until: str) -> None:
            await bench.press(*keys)
            await bench.sees(until)
            await is_drawn(f"{name}-{size[0]}x{size[1]}-{language}", bench, tmp_path)

        await bench.press("space", "f9")
        await look("pin", until="Li Wei")
        await look("menu", *"2468", "enter", until="Li Wei")
        for number, (name, keys, until) in enumerate(_ROOMS):
            await look(name, "home", *["down"] * number, "enter", *keys, until=until)
            await bench.press("escape")
        await look("slot-log", "home", *["down"] * len(_ROOMS), "enter", "enter", until="line 3")
        await bench.press("escape", "escape", "home", "enter")
        await look("batch-report", "f6", until="9f2c4d5e")
        await look("batch-number", "escape", "f4", until="Esc")
        desk.trouble = CloudRefused("code 20005", do="look at the console", code=Code.E402)
        await look("trouble", "escape", "enter", until="code 20005")
        desk.trouble = None
        await bench.press("space", "escape", "home", *["down"] * 5, "enter")
        await look("reason", "enter", until="4")
        await bench.press("escape", "escape", "escape")
        await look("sure", "ctrl+q", until="Esc")


def a_morning(desk: FakeDesk) -> None:
    """Eight slots at work: one board failed, one was pulled while it was written."""
    boards: tuple[tuple[str, SlotState, dict[str, Any]], ...] = (
        ("1", SlotState.PASS, {}),
        ("2", SlotState.BUSY, {"phase": Phase.WRITE, "percent": 45}),
        ("3", SlotState.FAIL, {"code": Code.E204, "blame": Blame.BOARD}),
        ("4", SlotState.BUSY, {"phase": Phase.VERIFY_AGAIN, "percent": 88}),
        ("5", SlotState.PASS, {}),
        ("6", SlotState.IN_DOUBT, {"code": Code.E601, "uid": DOUBT.uid}),
        ("7", SlotState.ALREADY_DONE, {}),
    )
    for slot, state, values in boards:
        seen = {"uid": f"a4cf12bc{int(slot) * 4177:04x}", "device_name": f"cam_{1230 + int(slot):04}"}
        desk.slot(slot, state, product_key="a1B2c3D4e5F", **(seen | values))


@pytest.mark.parametrize(("language", "name"), [(Language.ENGLISH, "bench"), (Language.CHINESE, "bench-zh")])
async def test_the_pictures_in_the_readme_are_of_this_bench(language: Language, name: str, tmp_path: Path) -> None:
    async with floor(FakeDesk(in_doubt=(DOUBT,)), (128, 32), language) as bench:
        await bench.press("space")
        a_morning(bench.desk)
        await bench.sees("E204", "E601", "88 %", "26 ")
        await is_drawn(name, bench, tmp_path, README)
