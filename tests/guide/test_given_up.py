# SPDX-License-Identifier: GPL-3.0-or-later
"""What the guide waits for is given up by Esc, by a signal, or with the terminal; an order is not."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import socket
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import pytest

from station.cloud.files import FileContents
from station.errors import UsageError
from station.guide.accounts import AccountWish
from station.guide.asker import Phrase
from station.guide.given_up import unless_given_up
from station.guide.guide import Guide
from station.guide.making import KeptBy
from station.guide.product import ask_product
from station.guide.sources import ask_file, ask_source
from station.guide.where_boards_are import ask_slots
from station.model import Language, Provider, Secret, State
from station.tui.guide.app import GuideApp
from station.tui.guide.talk import Conversation
from station.tui.guide.waiting import WaitPage
from station.words.tongues import TONGUES
from tests.guide.guide_floor import Bare, GuideFloor
from tests.guide.script import Script
from tests.waiting import PATIENCE_S

Answer = TypeVar("Answer")

SECRET = "a secret that stays nowhere"
ACCOUNT = {"app_key": "key", "project_id": "project", "secret": SECRET}


@pytest.fixture
def deaf() -> Iterator[socket.socket]:
    """A cloud that takes a call and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as cloud:
        cloud.settimeout(PATIENCE_S)
        yield cloud


@pytest.fixture
def bare(tmp_path: Path) -> Bare:
    """With a key and a supervisor."""
    made = Bare(tmp_path)
    with closing(made.guide()) as guide:
        guide.begin(name="b", language=Language.ENGLISH, kept_by=KeptBy.FILE, passphrase=None)
        guide.first_supervisor("Li", Secret("246810"))
    return made


@pytest.fixture
def guide(bare: Bare) -> Iterator[Guide]:
    with closing(bare.guide()) as made:
        yield made


def url_of(cloud: socket.socket) -> str:
    return f"http://127.0.0.1:{cloud.getsockname()[1]}"


def holding(secret: str, folder: Path) -> list[Path]:
    return [file for file in folder.rglob("*") if file.is_file() and secret.encode() in file.read_bytes()]


def test_a_cloud_that_says_nothing_need_not_be_waited_for_and_its_secret_is_on_no_disk(
    bare: Bare, guide: Guide, deaf: socket.socket
) -> None:
    script = Script(0, ACCOUNT | {"url": url_of(deaf)}, None, impatient=True)
    ask_source(script, guide)
    call, _ = deaf.accept()
    assert holding(SECRET, bare.folder) == []
    assert (script.told, script.answers) == ("", []), "the form is there again, with what was typed"
    call.close()


def test_a_product_may_be_typed_while_its_cloud_says_nothing(bare: Bare, guide: Guide, deaf: socket.socket) -> None:
    values = {"url": url_of(deaf), "app_key": "key", "project_id": "project"}
    guide.keep_account(AccountWish(provider=Provider.LIVING, values=values, secret=Secret(SECRET)), tried=False)
    script = Script(0, {"key": "a2"}, None, impatient=True)
    ask_product(script, guide)
    assert (script.told, script.answers) == ("", [])


@pytest.fixture
def fans(tmp_path: Path) -> Path:
    file = tmp_path / "fans.csv"
    file.write_text(f"ProductKey,DeviceName,DeviceSecret\na1Fan,fan1,{1:032x}\n")
    return file


def test_a_file_may_be_stopped_while_it_is_read_and_not_on_its_way_in(guide: Guide, fans: Path) -> None:
    script = Script({"file": str(fans)})
    ask_file(script, guide)
    assert ("1" in script.told, script.offers_to_stop) == (True, "Reading the file …")


def test_nothing_of_a_file_comes_in_that_was_stopped_while_it_was_read(
    guide: Guide, fans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, has_read, read_file = threading.Event(), threading.Event(), guide.read_file

    def slowly(file: Path) -> FileContents:
        goes_on.wait(PATIENCE_S)
        contents = read_file(file)
        has_read.set()
        return contents

    monkeypatch.setattr(guide, "read_file", slowly)
    script = Script({"file": str(fans)}, None, impatient=True)
    ask_file(script, guide)
    assert (script.told, script.answers) == ("", []), "the form is there again, with what was typed"
    goes_on.set()
    assert has_read.wait(PATIENCE_S)
    assert guide.ledger.stock.by_state()[State.READY] == 0


class GivesUp(Script):
    """Every wait, once a dry check is at its port."""

    def __init__(self, guide: Guide, *answers: int | dict[str, str] | None) -> None:
        super().__init__(*answers)
        self._guide = guide

    def wait(self, title: Phrase, work: Callable[[threading.Event], Answer], *, firm: bool = False) -> Answer:
        def give_up(given_up: threading.Event) -> None:
            while not self._guide.keeps_port:
                given_up.wait(0.01)
            given_up.set()

        def watched(given_up: threading.Event) -> Answer:
            threading.Thread(target=give_up, args=(given_up,), daemon=True).start()
            return work(given_up)

        return super().wait(title, watched, firm=firm)


@pytest.fixture
def mute() -> Iterator[list[int]]:
    """Two boards that say nothing: each one's end and its port."""
    ends = [end for _ in range(2) for end in pty.openpty()]
    yield ends
    for end in ends:
        os.close(end)


def test_a_dry_check_that_was_given_up_is_said_to_keep_its_port_until_it_is_free(guide: Guide, mute: list[int]) -> None:
    guide.make_profile("a1Fan", "Fan", like="agent")
    script = GivesUp(guide, 1, {"port": os.ttyname(mute[1])}, 1, {"port": os.ttyname(mute[3])}, 2)
    ask_slots(script, guide)
    looking = "Looking at the board in slot 1; nothing is written …"
    kept = TONGUES[Language.ENGLISH].guide.port_kept
    assert script.offers_to_stop == looking + kept + kept, "no other board is looked at, none is begun"
    assert guide.keeps_port
    while mute:
        os.close(mute.pop())
    guide.wait_for_port(threading.Event())
    assert not guide.keeps_port


def test_what_went_wrong_is_said_unless_nobody_waits_for_it() -> None:
    def wrong() -> None:
        raise UsageError("it is wrong", do="do it right")

    with pytest.raises(UsageError, match="it is wrong"):
        unless_given_up(wrong)(threading.Event())
    assert unless_given_up(lambda: 7)(threading.Event()) == 7


@pytest.mark.asyncio
async def test_a_signal_ends_the_guide_once_the_order_is_through_also_under_the_help(
    guide: Guide, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes = threading.Event()

    def ordering(_: GuideApp, talk: Conversation) -> None:
        talk.wait(lambda words: words.guide.sending, lambda _: comes.wait(), firm=True)
        talk.choose(lambda words: words.guide.ready, ())

    monkeypatch.setattr(GuideApp, "_walk", ordering)
    app = GuideApp(guide, Language.ENGLISH, said=True)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        at = GuideFloor(app, pilot, guide)
        await at.until(lambda: isinstance(app.screen, WaitPage))
        await at.press("f1")
        app.leave_by_itself()
        await at.press("ctrl+q")
        await at.sees(app.words.guide.still_ordering)
        comes.set()
        await at.until(lambda: app._exit)


def test_the_terminal_is_closed_while_a_cloud_is_tried(bare: Bare, deaf: socket.socket) -> None:
    """One that is not the controlling one: no signal tells of it."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    places = {"STATION_CONFIG": str(bare.begun.file), "STATION_CLOUD_LIVING_URL": url_of(deaf)}
    witness = {"XDG_STATE_HOME": str(bare.folder / "witness"), "TERM": "xterm"}
    command = [sys.executable, "-m", "station", "run"]
    program = subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=os.environ | places | witness, start_new_session=True
    )
    os.close(theirs)
    try:
        shown(ours, "Where do the certificates come from?")
        os.write(ours, b"\r")
        shown(ours, "AppSecret")
        for line in ("key", "project", SECRET):
            os.write(ours, f"{line}\r".encode())
        call, _ = deaf.accept()
        os.close(ours)
        assert program.wait(PATIENCE_S) == 130
        call.close()
    finally:
        program.kill()
    assert holding(SECRET, bare.folder) == []


def shown(terminal: int, text: str) -> None:
    seen, deadline = b"", time.monotonic() + PATIENCE_S
    while text.encode() not in re.sub(rb"\x1b\[[^A-Za-z]*[A-Za-z]", b"", seen):
        ready, _, _ = select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))
        assert ready, f"{text!r} never came: {seen[-2000:]!r}"
        seen += os.read(terminal, 65536)
