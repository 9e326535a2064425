# SPDX-License-Identifier: GPL-3.0-or-later
"""The guide on a screen of 80×24: each step left and taken up again, and what goes wrong at it."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.guide.steps import Step
from station.model import Language
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.cloud import CloudSimulator
from tests.guide.guide_floor import Bare, GuideFloor, guided

pytestmark = pytest.mark.asyncio

PIN = "246810"
UID = "5a00000000000001"


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    return Bare(tmp_path)


async def key(at: GuideFloor) -> None:
    await at.sees("How is the station's data key kept?", "2 / 8")
    await at.press("enter")
    assert "data key" not in await at.sees("This station", "This bench's name")
    await at.type("")
    await at.sees("The first supervisor")


async def supervisor(at: GuideFloor) -> None:
    await at.sees("The first supervisor")
    await at.type(PIN, PIN)
    await at.sees("Where do the certificates come from?")


async def account(at: GuideFloor, url: str, cloud: CloudSimulator, secret: str) -> None:
    """From the first line on, whatever stands there."""
    await at.sees("AppSecret")
    await at.until(lambda: at.app.focused is not None)
    at.app.set_focus(at.app.screen.query("Input").first())
    for line in (url, cloud.living_key, cloud.project_id):
        await at.press("end", "ctrl+u")
        await at.type(line)
    await at.type(secret)


async def test_each_step_is_taken_up_where_it_was_left(bare: Bare, cloud: CloudSimulator, tmp_path: Path) -> None:
    port = tmp_path / "ttyB"
    async with guided(bare) as at:
        await key(at)
    assert bare.begun.key.stat().st_mode & 0o777 == 0o600
    async with guided(bare) as at:
        await supervisor(at)
    async with guided(bare) as at:
        await at.sees("Where do the certificates come from?")
        await at.press("enter")
        await account(at, cloud.url, cloud, cloud.living_secret)
        await at.sees("Living Link has answered")
    assert cloud.living_secret not in bare.begun.file.read_text("utf-8")
    async with guided(bare) as at:
        await at.sees("Which product is made here?", "Fan")
        await at.press("enter")
        await at.sees("How are the boards of")
        await at.press("enter")
        await at.sees("Slots: plug in one board at a time")
    async with guided(bare) as at:
        await at.sees("Slots: plug in one board at a time")
        with SimulatedAgentBoard(UID, tmp_path / "flash", port):
            await at.press("down", "enter")
            await at.sees("The port of slot 1")
            await at.type(str(port))
            await at.sees("✓ good", UID, "Slot 2")
    async with guided(bare) as at:
        await at.sees("The first certificates")
        assert at.guide.step is Step.BATCH


async def test_a_wrong_secret_is_told_and_what_was_typed_is_kept(bare: Bare, cloud: CloudSimulator) -> None:
    async with guided(bare) as at:
        await key(at)
        await supervisor(at)
        await at.press("enter")
        await account(at, cloud.url, cloud, "wrong")
        await at.sees("E40", "the account is not proved", "Type it again")
        assert list(bare.begun.state.glob("*.secret")) == list(bare.begun.state.glob(".*.trial")) == []
        await at.press("enter")
        await at.sees("AppSecret", cloud.living_key)
        await at.type(cloud.living_secret)
        await at.sees("Living Link has answered")


async def test_a_port_that_is_not_there_and_two_pins_are_told_at_once(bare: Bare) -> None:
    (bare.folder / "a.csv").write_text("ProductKey,DeviceName,DeviceSecret\na1,cam1,0123456789abcdef0123456789abcdef\n")
    async with guided(bare) as at:
        await key(at)
        await at.type(PIN, PIN + "1")
        await at.sees("not the same")
        await at.type("1", "1")
        await at.sees("E117", "Try again")
        await at.press("enter")
        await supervisor(at)
        await at.press("up", "enter")
        await at.sees("Path of the file")
        await at.type(str(bare.folder / "none.csv"))
        await at.sees("E122", "cannot be read", f"{bare.folder / 'none.csv'}"[-40:])
        await at.press("end", "ctrl+u")
        await at.type(str(bare.folder / "a.csv"))
        await at.sees("1 certificates in the file, 1 of them new", "a1")
        await at.press("enter")
        await at.sees("How are the boards of a1 talked to?")
        await at.press("enter")
        await at.sees("Slots")
        await at.press("down", "enter")
        await at.sees("Port, e.g.")
        await at.type("nowhere")
        await at.sees("E115", "there is no port nowhere", "Port, e.g.")
        await at.press("escape")
        await at.sees("Slot 1: plug")


async def test_what_is_lacking_is_said_and_help_is_there_at_each_step(bare: Bare) -> None:
    async with guided(bare) as at:
        await key(at)
        await at.press("f1")
        await at.sees("E607", "E100")
        await at.press(*"E310", "enter", "f1")
        await at.press(*"nobodys", "enter")
        await at.sees(at.app.words.bench.scan_unknown)
        await at.press("escape")
        await at.sees("The first supervisor")
        await at.type("")
        await at.type("")
        await at.sees("Something has to be typed here: PIN")
        await at.press("enter", "enter")
        await at.type(PIN, PIN + "1")
        await at.sees("not the same")
        await supervisor(at)


async def test_a_folder_that_cannot_be_written_is_told_in_the_language_that_was_chosen(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    async with guided(Bare(tmp_path), language=Language.ENGLISH, said=False) as at:
        await at.sees("Language / 语言")
        await at.press("down", "enter")
        await at.sees("本站的数据密钥怎样存放？", "Ctrl+Q：以后继续")
        await at.press("enter")
        await at.sees("本站名称")
        await at.type("")
        await at.sees("E110", str(tmp_path / "state")[:40], "重试")
        (tmp_path / "state").unlink()
        await at.press("enter")
        await at.sees("本站的数据密钥怎样存放？")
        await at.press("enter")
        await at.sees("本站名称")
        await at.type("")
        await at.sees("第一位班长", "班长姓名")
        await at.press("f2")
        await at.sees("The first supervisor")


async def test_a_cloud_that_does_not_answer_may_be_kept_untried(bare: Bare, cloud: CloudSimulator) -> None:
    async with guided(bare) as at:
        await key(at)
        await supervisor(at)
        await at.press("enter")
        await account(at, "http://127.0.0.1:9", cloud, cloud.living_secret)
        await at.sees("E40", "Keep it untried")
        await at.press("down", "enter")
        await at.sees("Which product is made here?", "type its productKey")
    config = bare.load()
    assert config is not None
    assert config.text("cloud.living.url") == "http://127.0.0.1:9"
    assert (bare.begun.state / "living.secret").stat().st_mode & 0o777 == 0o600
