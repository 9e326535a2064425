# SPDX-License-Identifier: GPL-3.0-or-later
"""`station init` on a plain terminal: the guide's questions, a line each. What is made is what the screen makes."""

from __future__ import annotations

import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import keyring
import pytest
from click.testing import CliRunner

from station.cli.questions import Questions
from station.guide.asker import FormLine, Left, Phrase
from station.guide.dialogue import walk
from station.guide.making import KeptBy, kept_as
from station.guide.steps import Step
from station.guide.unfinished import is_unfinished
from station.model import Language, Secret
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.cloud import CloudSimulator
from station.targets import usb
from station.targets.slots import SeenPort
from tests.cli.cli_shell import Shell
from tests.cli.file_keyring import FileKeyring
from tests.guide.guide_floor import Bare
from tests.guide.pcs import Pc, typed

PIN = "246810"
UID = "5a00000000000001"
WORD = "correct horse battery"


@pytest.fixture
def pc(tmp_path: Path, cloud: CloudSimulator) -> Iterator[Pc]:
    here = Pc(tmp_path, cloud.url)
    yield here
    here.leave()


def asked(*lines: str, work: Callable[[Questions], object], language: Language = Language.ENGLISH) -> str:
    """What the terminal shows while `work` is answered with these lines and the terminal goes."""
    with CliRunner().isolation(input="".join(f"{line}\n" for line in lines)) as (_, err, _):
        work(Questions(lambda _: "step", language))
        return err.getvalue().decode()


def went_through(bare: Bare, *lines: str) -> str:
    """Until the lines are at their end."""

    def work(questions: Questions) -> None:
        with closing(bare.guide()) as guide, pytest.raises(Left):
            walk(questions, guide, Language.ENGLISH, said=False, opens=False)

    return asked(*lines, work=work)


def saying(text: str) -> Phrase:
    return lambda _: text


def test_from_nothing_to_the_last_step_in_lines_with_each_slip_of_the_hand(
    tmp_path: Path, cloud: CloudSimulator
) -> None:
    bare, port = Bare(tmp_path), tmp_path / "ttyB"
    shown = went_through(bare, "9", "x", "", "2", "bench-7", WORD, WORD + "x", "2", "bench-7", WORD, WORD)
    assert shown.count("Type a number from 1 to 2") == 2 and "not the same" in shown
    assert kept_as(bare.begun.key) is KeptBy.PASSPHRASE
    shown = went_through(bare, "", "", PIN, PIN)
    assert "Something has to be typed here: PIN" in shown and "Language" not in shown
    account = (cloud.url, cloud.living_key, cloud.project_id)
    shown = went_through(bare, "1", "<", "1", *account, "wrong", "1", "", "", "", cloud.living_secret)
    assert "E40" in shown and f"AppKey [{cloud.living_key}]" in shown and "has answered" in shown
    with SimulatedAgentBoard(UID, tmp_path / "flash", port):
        shown += went_through(bare, "1", "1", "2", "nowhere", str(port), "5", "2", str(port), "3", "<")
    assert "there is no port nowhere" in shown and f"Slot 1 is {port}: take it back" in shown
    assert shown.count(f"✓ good   board uid   {UID}") == 2
    assert "The first certificates" in shown
    config = bare.load()
    assert config is not None
    assert [(slot.name, slot.path) for slot in config.slots] == [("1", str(port))]
    assert config.text("bench.name") == "bench-7" and config.text("bench.profile") == "fan"
    for secret in (WORD, PIN, cloud.living_secret):
        assert secret not in shown + bare.begun.file.read_text("utf-8")
    with closing(bare.guide()) as guide:
        assert guide.missing() is Step.BATCH
        asked("4", "2", "3", "1", work=lambda at: walk(at, guide, Language.ENGLISH, said=True, opens=False))
    assert not is_unfinished(bare.load())


def test_a_language_that_was_not_meant_is_chosen_again_before_anything_is_made(tmp_path: Path) -> None:
    bare = Bare(tmp_path)
    shown = went_through(bare, "2", "<", "1", "1", "")
    assert shown.count("Language / 语言") == 2 and "The first supervisor" in shown
    config = bare.load()
    assert config is not None and config.text("bench.language") == Language.ENGLISH


def test_a_keyring_that_is_locked_is_told_and_once_it_is_open_it_keeps_the_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare, ring = Bare(tmp_path), tmp_path / "ring"
    monkeypatch.setenv("TEST_KEYRING", str(ring))
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]
    try:
        ring.with_name("ring.locked").touch()
        shown = went_through(bare, "", "3", "", "")
        assert "! E114" in shown and "That did not work" in shown and not bare.begun.file.exists()
        ring.with_name("ring.locked").unlink()
        assert "The first supervisor" in went_through(bare, "", "3", "")
        assert kept_as(bare.begun.key) is KeptBy.KEYRING and ring.exists()
    finally:
        keyring.set_keyring(before)


def test_a_slot_is_learned_from_the_board_that_is_plugged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare, port = Bare(tmp_path), tmp_path / "ttyB"
    (tmp_path / "a.csv").write_text("ProductKey,DeviceName,DeviceSecret\na1,cam1,0123456789abcdef0123456789abcdef\n")
    with closing(bare.guide()) as guide:
        guide.begin(name="b", language=Language.ENGLISH, kept_by=KeptBy.FILE, passphrase=None)
        guide.first_supervisor("Li", Secret(PIN))
        guide.take_in(tmp_path / "a.csv", guide.read_file(tmp_path / "a.csv"))
        guide.make_profile("a1", "Cam 1", like="agent")
    board = SeenPort(device=str(port), topology="usb-1-9:1.0")
    looks = iter([()])
    monkeypatch.setattr(usb, "scan", lambda: next(looks, (board,)))
    with SimulatedAgentBoard(UID, tmp_path / "flash", port):
        shown = went_through(bare, "1")
    assert f"✓ good   board uid   {UID}" in shown and "Slot 1 is usb-1-9:1.0: take it back" in shown


@pytest.fixture
def _umask() -> Iterator[None]:
    """As every command has it."""
    before = os.umask(0o077)
    yield
    os.umask(before)


def test_the_guide_makes_the_files_that_the_commands_make(tmp_path: Path, _umask: None) -> None:
    by_guide, by_commands = tmp_path / "guide", tmp_path / "commands"
    for folder in (by_guide, by_commands):
        folder.mkdir()
        (folder / "a.csv").write_text("ProductKey,DeviceName,DeviceSecret\na1,cam1,0123456789abcdef0123456789abcdef\n")
    bare = Bare(by_guide)
    with closing(bare.guide()) as guide:
        guide.begin(name="b", language=Language.CHINESE, kept_by=KeptBy.FILE, passphrase=None)
        configuration = bare.begun.file.read_text("utf-8")
        guide.first_supervisor("Li", Secret(PIN))
        guide.take_in(by_guide / "a.csv", guide.read_file(by_guide / "a.csv"))
        guide.make_profile("a1", "Cam 1", like="agent")
        guide.finish()
    shell = Shell(by_commands)
    shell.config = by_commands / "bench" / "station.toml"
    shell.environment["STATION_CONFIG"] = str(shell.config)
    places = "--file", str(shell.config), "--state-dir", str(by_commands / "state")
    for command in (
        ["init", *places, "--name", "b", "--language", "zh"],
        ["supervisor", "set-pin", "--name", "Li", "--new-pin-file", shell.private("pin", PIN)],
        ["import", str(by_commands / "a.csv")],
        ["profile", "new", "cam-1", "--like", "agent", "--product", "a1"],
    ):
        assert shell(*command).code == 0
    assert shell.config.read_text("utf-8") == configuration.replace(str(by_guide), str(by_commands))
    made = {folder: files_of(folder / "bench") | files_of(folder / "state") for folder in (by_guide, by_commands)}
    assert made[by_guide] == made[by_commands]
    profile = Path("bench/profiles/cam-1.toml")
    assert (by_guide / profile).read_text() == (by_commands / profile).read_text()


def files_of(folder: Path) -> set[tuple[str, int]]:
    """With their modes; what SQLite keeps beside an open file is none."""
    found = [file for file in folder.rglob("*") if not file.name.endswith(("-wal", "-shm"))]
    return {(str(file.relative_to(folder.parent)), file.stat().st_mode) for file in found}


def test_what_may_be_left_empty_is_taken_back_with_a_dash() -> None:
    lines = FormLine(key="a", label=saying("A"), value="old", may_lack=True), FormLine(key="b", label=saying("B"))
    filled = []
    asked("", " b ", work=lambda questions: filled.append(questions.fill(saying("t"), lines)))
    asked("-", "-", work=lambda questions: filled.append(questions.fill(saying("t"), lines)))
    assert [dict(one.texts) for one in filled if one] == [{"a": "old", "b": "b"}, {"a": "", "b": "-"}]
    asked("", "<", work=lambda questions: filled.append(questions.fill(saying("t"), lines)))
    assert filled[-1] is None


def test_ctrl_c_gives_up_a_wait_and_leaves_an_order_alone() -> None:
    def wait(questions: Questions, *, firm: bool) -> None:
        def work(given_up: threading.Event) -> bool:
            signal.raise_signal(signal.SIGINT)
            return given_up.is_set()

        assert questions.wait(saying("waiting"), work, firm=firm) is not firm

    before = signal.getsignal(signal.SIGINT)
    assert "Ctrl+C: stop" in asked(work=lambda questions: wait(questions, firm=False))
    shown = asked(work=lambda questions: wait(questions, firm=True))
    assert "\nNot now: an order is under way\n" in shown and "Ctrl+C" not in shown
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")
def test_init_on_a_terminal_is_left_by_ctrl_c_and_goes_on_there(pc: Pc) -> None:
    terminal = pc.run("init")
    terminal.sees("2  中文", "Number [1]")
    typed(terminal, "2")
    terminal.sees("本站的数据密钥怎样存放？", "Ctrl+C：以后继续", "2 / 8")
    terminal.keys("C-c")
    terminal.sees("\n设置尚未完成。")
    terminal = pc.run("init", LC_ALL="zh_CN.UTF-8")
    terminal.sees("1  中文", "编号 [1]")
    typed(terminal, "")
    terminal.sees("本站的数据密钥怎样存放？")
    typed(terminal, "")
    terminal.sees("本站名称，用于追溯记录和报告 [bench-1]")
    terminal.keys("-H", "ff")
    typed(terminal, "")
    terminal.sees("不是 UTF-8 文字")
    typed(terminal, "")
    terminal.sees("第一位班长")
    terminal.keys("C-c")
    terminal.sees("\n设置尚未完成。")
    assert terminal.exit_code() == 130
    terminal = pc.run("init")
    terminal.sees("第一位班长", "3 / 8")
    terminal.keys("C-c")
    assert terminal.exit_code() == 130
