# SPDX-License-Identifier: GPL-3.0-or-later
"""The real program in a real terminal: keys are sent, the screen is read, boards are opened afterwards."""

from __future__ import annotations

import fcntl
import os
import pty
import shlex
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from station.demo.setting import Demo, Wish, set_up
from station.model import State
from station.tui.scanner import FINGERS_S
from tests.waiting import PATIENCE_S, until

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="needs tmux")


class Terminal:
    """One program in a tmux of its own, which ends with it or with what comes `then`."""

    def __init__(self, folder: Path, *command: str, size: tuple[int, int] = (120, 30), then: str = "") -> None:
        self._socket = folder / "tmux"
        self._exit = folder / "exit"
        self._exit.unlink(missing_ok=True)
        # Not the size of whoever runs the tests.
        command = ("env", "-u", "COLUMNS", "-u", "LINES", "-u", "NO_COLOR", *command)
        line = f"{shlex.join(command)}; echo $? > {shlex.quote(str(self._exit))}{then}"
        self._tmux("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), line)

    @classmethod
    def with_errors_elsewhere(cls, folder: Path, *command: str, size: tuple[int, int] = (120, 30)) -> Terminal:
        """2>file: the screen is still on the terminal."""
        line = f"{shlex.join(command)} 2>{shlex.quote(str(folder / 'errors'))}"
        return cls(folder, "sh", "-c", line, size=size)

    def _tmux(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self._socket), "-f", "/dev/null", *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    def keys(self, *keys: str) -> None:
        """As a finger does, behind what it has seen: what comes sooner is a scanner's."""
        time.sleep(2 * FINGERS_S)
        self._tmux("send-keys", *keys)

    def screen(self) -> str:
        return self._tmux("capture-pane", "-p")

    def sees(self, *texts: str, within_s: float = PATIENCE_S) -> str:
        return self._waits_for(texts, all, within_s)

    def sees_one_of(self, *texts: str) -> str:
        return self._waits_for(texts, any, PATIENCE_S)

    def _waits_for(self, texts: tuple[str, ...], enough: Callable[[Iterable[bool]], bool], within_s: float) -> str:
        deadline = time.monotonic() + within_s
        while not enough(text in (shown := self.screen()) for text in texts):
            assert time.monotonic() < deadline, f"waited for {texts}, but the screen shows\n{shown}"
            time.sleep(0.05)
        return shown

    def takes_the_mouse(self) -> bool:
        return self._tmux("display-message", "-p", "#{mouse_any_flag}").strip() == "1"

    def is_as_it_was(self) -> bool:
        """It shows what it did before the program, and where one types."""
        return self._tmux("display-message", "-p", "#{alternate_on} #{cursor_flag}").strip() == "0 1"

    def program(self) -> int:
        """The station's process: the child of the pane's shell."""
        pane = self._tmux("list-panes", "-F", "#{pane_pid}").strip()
        return int(
            subprocess.run(["ps", "-o", "pid=", "--ppid", pane], capture_output=True, text=True, check=True).stdout
        )

    def exit_code(self, within_s: float = PATIENCE_S) -> int:
        deadline = time.monotonic() + within_s
        while not (self._exit.exists() and self._exit.read_text("utf-8")):
            assert time.monotonic() < deadline, "the program did not end"
            time.sleep(0.05)
        return int(self._exit.read_text("utf-8"))

    def close(self) -> None:
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], capture_output=True, check=False)


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with set_up(tmp_path, Wish(boards=2, count=3)) as demo:
        slots = "".join(f'[[slot]]\nname = "{name}"\npath = "{link}"\n' for name, link in demo.fixtures.items())
        (tmp_path / "station.toml").write_text(
            f'[bench]\nname = "LINE-3"\nstate_dir = "{tmp_path}/state"\nprofiles_dir = "{tmp_path}"\n'
            f'profile = "demo"\n[ledger]\nwitnesses = ["{tmp_path}/witness"]\n{slots}',
            "utf-8",
        )
        yield demo
        for board in demo.boards:
            board.unplug()


def station(*arguments: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "station", "--config", str(folder / "station.toml"), *arguments]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[Terminal]]:
    terminals: list[Terminal] = []
    yield terminals
    for terminal in terminals:
        terminal.close()


def test_a_shift_in_a_terminal(demo: Demo, tmp_path: Path, opened: list[Terminal]) -> None:
    terminal = Terminal.with_errors_elsewhere(tmp_path, *station("run", folder=tmp_path))
    opened.append(terminal)
    terminal.sees("LINE-3", "Put a board in", "Space: confirm")
    assert not terminal.takes_the_mouse()
    terminal.keys("F1")
    terminal.sees("Help: what a code means")
    until(terminal.takes_the_mouse)
    line = next(at for at, text in enumerate(terminal.screen().splitlines(), start=1) if "What to do" in text)
    terminal.keys("-l", f"\x1b[<0;4;{line}M\x1b[<0;4;{line}m")  # a click on a column's title
    terminal.sees("▲")
    terminal.keys("Escape")
    until(lambda: not terminal.takes_the_mouse())
    demo.boards[0].plug(demo.fixtures["1"])
    terminal.sees("Remove board")
    terminal.keys("F2")
    terminal.sees("请取出板卡", "直通率")
    terminal.keys("OP1042", "Enter")
    terminal.sees("操作员：1042")
    demo.boards[0].unplug()
    terminal.keys("C-q")
    terminal.sees("结束本站")
    terminal.keys("Space")
    assert terminal.exit_code() == 0
    assert demo.boards[0].holds() is not None
    assert demo.ledger.stock.by_state()[State.CONSUMED] == 1


def test_a_killed_bench_says_at_its_next_start_what_is_in_doubt(
    demo: Demo, tmp_path: Path, opened: list[Terminal]
) -> None:
    terminal = Terminal(tmp_path, *station("run", folder=tmp_path))
    opened.append(terminal)
    terminal.sees("Put a board in")
    demo.boards[0].troubles = {"dead_after": 5}
    demo.boards[0].plug(demo.fixtures["1"])
    until(lambda: demo.ledger.stock.by_state()[State.WRITING])
    terminal.sees("Hands off")
    os.kill(terminal.program(), signal.SIGKILL)
    assert terminal.exit_code() == 128 + signal.SIGKILL
    demo.boards[0].unplug()
    terminal.close()
    terminal = Terminal(tmp_path, *station("run", folder=tmp_path))
    opened.append(terminal)
    tail = demo.boards[0].uid[-4:].upper()
    terminal.sees(f"Put back …{tail}", "Space: go on")
    terminal.keys("Space")
    demo.boards[0].plug(demo.fixtures["2"])
    terminal.sees("Remove board")
    terminal.keys("C-q")
    terminal.sees("End this station?")
    terminal.keys("Space")
    assert terminal.exit_code() == 0
    assert demo.ledger.stock.by_state()[State.CONSUMED] == 1
    assert demo.ledger.stock.by_state()[State.IN_DOUBT] == 0


def test_the_wall_board_follows_the_ledger_of_a_running_bench(
    demo: Demo, tmp_path: Path, opened: list[Terminal]
) -> None:
    before = demo.ledger.audit.head()
    terminal = Terminal.with_errors_elsewhere(tmp_path, *station("board", folder=tmp_path), size=(100, 30))
    opened.append(terminal)
    terminal.sees("LINE-3", "PASS", "LEFT", "Boards per hour")
    terminal.keys("q", "Enter", "F9", "Space")
    terminal.keys("C-q")
    assert terminal.exit_code() == 0
    assert demo.ledger.audit.head() == before


def test_a_signal_ends_what_has_no_board_in_hand_too(demo: Demo, tmp_path: Path, opened: list[Terminal]) -> None:
    wall, bare = tmp_path / "wall", tmp_path / "bare"
    for folder in (wall, bare):
        folder.mkdir()
    nowhere = ["env", f"HOME={bare}", "STATION_CONFIG=", "XDG_CONFIG_HOME=", sys.executable, "-m", "station", "run"]
    board = station("board", folder=tmp_path)
    opened += [Terminal(wall, *board, then="; cat"), Terminal(bare, *nowhere, then="; cat")]
    for terminal, number, text in zip(opened, (signal.SIGHUP, signal.SIGTERM), ("LINE-3", "Ctrl+Q"), strict=True):
        terminal.sees(text)
        os.kill(terminal.program(), number)
        assert terminal.exit_code() == 130  # the program's own
        until(terminal.is_as_it_was)


def test_the_demo_on_a_terminal_flashes_boards_by_itself(tmp_path: Path, opened: list[Terminal]) -> None:
    demo = [sys.executable, "-m", "station", "demo", "--boards", "4", "--count", "4"]
    terminal = Terminal.with_errors_elsewhere(tmp_path, *demo)
    opened.append(terminal)
    shown = terminal.sees_one_of("Put board …0002 back in any slot", "Put back …0002")
    if "Put back …0002" in shown:  # it was in doubt before the screen was there: told at the start, like a crash's
        terminal.keys("Space")
    terminal.sees(" 4         0 ")  # all four passed; the one that was in doubt is no failed board
    assert "back in any slot" not in terminal.sees("No identities left")
    terminal.keys("C-q")
    terminal.sees("End this station?")
    terminal.keys("Space")
    assert terminal.exit_code() == 0


def impatient(demo: Demo) -> None:
    """A bench that gives a board up sooner, for tests that wait for that."""
    profile = demo.folder / "demo.toml"
    profile.write_text(
        profile.read_text("utf-8") + "\n[agent]\nanswer_s = 0.4\nattempts = 2\nflash_s = 0.8\nrestart_s = 1.0\n",
        "utf-8",
    )


def mid_write(demo: Demo, terminal: Terminal) -> None:
    """A board is being written in slot 1; left alone, it fails only after some seconds without an answer."""
    terminal.sees("Put a board in")
    demo.boards[0].troubles = {"dead_after": 5}
    demo.boards[0].plug(demo.fixtures["1"])
    until(lambda: demo.ledger.stock.by_state()[State.WRITING])


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGTERM,
        pytest.param(signal.SIGINT, marks=pytest.mark.campaign),
        pytest.param(signal.SIGHUP, marks=pytest.mark.campaign),
    ],
)
def test_a_signal_ends_the_station_after_the_boards_in_hand(
    demo: Demo, tmp_path: Path, opened: list[Terminal], number: signal.Signals
) -> None:
    impatient(demo)
    terminal = Terminal(tmp_path, *station("run", folder=tmp_path))
    opened.append(terminal)
    mid_write(demo, terminal)
    os.kill(terminal.program(), number)
    assert terminal.exit_code() == 130
    held = demo.ledger.stock.by_state()
    assert (held[State.WRITING], held[State.IN_DOUBT]) == (0, 1)  # judged to its end: the board did not answer


def test_a_second_signal_leaves_the_boards_in_hand_in_doubt_at_once(
    demo: Demo, tmp_path: Path, opened: list[Terminal]
) -> None:
    impatient(demo)
    terminal = Terminal(tmp_path, *station("run", folder=tmp_path))
    opened.append(terminal)
    mid_write(demo, terminal)
    for _ in range(2):
        os.kill(terminal.program(), signal.SIGTERM)
        time.sleep(0.1)
    assert terminal.exit_code() == 130
    held = demo.ledger.stock.by_state()
    assert (held[State.WRITING], held[State.IN_DOUBT]) == (0, 1)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(["--ctty"], id="with a signal", marks=pytest.mark.campaign),
        pytest.param(["--ctty", "env", "--ignore-signal=HUP"], id="that is ignored"),
        pytest.param([], id="without a signal"),
    ],
)
def test_a_terminal_that_is_closed_ends_the_station_after_the_boards_in_hand(
    demo: Demo, tmp_path: Path, before: list[str]
) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 120, 0, 0))
    command = ["setsid", *before, *station("run", folder=tmp_path)]
    program = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    seen = b""
    while b"Space: confirm" not in seen:
        seen += os.read(ours, 65536)
    demo.boards[0].plug(demo.fixtures["1"])
    held = demo.ledger.stock.by_state
    until(lambda: held()[State.WRITING] or held()[State.CONSUMED])  # a busy PC may look too late
    os.close(ours)
    assert program.wait(PATIENCE_S) == 130
    assert demo.boards[0].holds() is not None
    assert demo.ledger.stock.by_state()[State.CONSUMED] == 1


def test_a_screen_that_crashes_is_no_success(demo: Demo, tmp_path: Path, opened: list[Terminal]) -> None:
    crash = "import station.tui.screens.bench as b; b.BenchScreen.show_news = lambda *_: 1 / 0; "
    start = f"{crash}import sys; sys.argv = ['station', *{station('run', folder=tmp_path)[3:]!r}]; "
    terminal = Terminal(tmp_path, sys.executable, "-c", start + "from station.cli import main; main()")
    opened.append(terminal)
    assert terminal.exit_code() == 3
