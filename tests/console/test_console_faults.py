# SPDX-License-Identifier: GPL-3.0-or-later
"""What a console target refuses, survives and says when boards and profiles are not as they should be."""

import os
import termios
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import pytest

from station.codes import Code
from station.errors import BoardFault, ConfigError, NeedsPerson, PortFault
from station.model import Certificate, Identity, Port, Secret, Verdict
from station.patterns import pattern
from station.simulate.console import DIALECTS, ConsoleBoard, Quirks, read_identity
from station.targets import usb
from station.targets.base import no_progress
from station.targets.console.line import ConsoleLine
from station.targets.console.spec import Field, Write
from station.targets.console.target import ConsoleSession, ConsoleTarget
from station.targets.ports import OpenPort
from station.targets.slots import SeenPort
from tests.console.console_bench import LABEL, a_profile, an_identity
from tests.waiting import PATIENCE_S

Plug = Callable[..., ConsoleBoard]
Talk = Callable[..., ConsoleSession]

BREAKING = {
    "alios-linkkey-a": [" ", ";", '"'],
    "alios-linkkey-b": [" ", ";", '"'],
    "at-idmau": ['"', ","],
    "at-idmau-w800": ['"', ","],
    "mxchip-ilopset": [","],
    "hiflying-prodevice": [","],
    "nordic-cmng": ['"', "&"],
    "esp-at-sysmfg": ["\n", "\r"],
    "zephyr-settings": ["\n"],
}


@pytest.mark.parametrize(("name", "character"), [(name, char) for name, chars in BREAKING.items() for char in chars])
def test_a_value_that_breaks_the_syntax_is_refused_and_nothing_is_sent(
    name: str, character: str, plug: Plug, talk: Talk
) -> None:
    board, profile = plug(name), a_profile(name)
    session = talk(profile)
    told = list(board.lines)
    with pytest.raises(BoardFault, match="deviceName") as fault:
        session.require_room(an_identity(profile, device_name=f"cam{character}1"))
    assert fault.value.code == "E205"
    assert board.lines == told
    assert read_identity(board.store, name) is None


def test_every_shipped_syntax_is_tried_with_what_breaks_it() -> None:
    assert set(BREAKING) == set(DIALECTS)


@pytest.mark.parametrize("name", BREAKING)
@pytest.mark.parametrize("value", ["", "x" * 300, "名", "a\tb", "a\x7fb"])
def test_empty_long_and_unprintable_values_are_refused(name: str, value: str, plug: Plug, talk: Talk) -> None:
    profile = a_profile(name)
    plug(name)
    with pytest.raises(BoardFault, match="deviceSecret") as fault:
        talk(profile).require_room(an_identity(profile, secret=value))
    assert fault.value.code == "E205"
    assert not value or value not in fault.value.lines()


def test_a_build_with_a_line_of_64_bytes_is_refused_by_its_profile(plug: Plug, talk: Talk) -> None:
    board, profile = plug("alios-linkkey-a", line_limit=63), a_profile("alios-linkkey-a", max_line=63)
    with pytest.raises(BoardFault, match=r"would be \d+ bytes, the board takes 63"):
        talk(profile).require_room(an_identity(profile))
    assert not any("linkkey a1B2" in line for line in board.lines)


def test_a_build_with_a_shorter_line_than_its_profile_says_is_told_in_words(plug: Plug, talk: Talk) -> None:
    plug("alios-linkkey-a", line_limit=63)
    profile = a_profile("alios-linkkey-a")
    with pytest.raises(BoardFault, match="longer than this build takes") as fault:
        talk(profile).write(an_identity(profile), no_progress)
    assert fault.value.code == "E203"


def test_an_nvr_set_does_not_fit_on_a_console(plug: Plug, talk: Talk) -> None:
    plug("zephyr-settings")
    profile = a_profile("zephyr-settings")
    camera = Certificate(product_key="p", device_name="ipc", device_secret=Secret("s"))
    identity = Identity(primary=an_identity(profile).primary, channels=(camera,))
    with pytest.raises(BoardFault, match="1 sub-devices"):
        talk(profile).require_room(identity)


@pytest.mark.parametrize("name", ["alios-linkkey-a", "zephyr-settings"])
def test_a_uart_without_flow_control_gets_its_line_at_the_pace_of_its_echo(name: str, plug: Plug, talk: Talk) -> None:
    board, profile = plug(name, fifo=16), a_profile(name)
    session = talk(profile)
    session.write(an_identity(profile), no_progress)
    assert session.read_back(an_identity(profile), no_progress).verdict is Verdict.EQUAL
    assert read_identity(board.store, name) == [an_identity(profile).primary]


def test_a_board_whose_echo_is_off_is_slow_and_works(plug: Plug, talk: Talk) -> None:
    board, profile = plug("zephyr-settings", no_echo=True), a_profile("zephyr-settings")
    session = talk(profile)
    session.write(an_identity(profile), no_progress)
    assert read_identity(board.store, "zephyr-settings") == [an_identity(profile).primary]


def test_a_silent_board_is_reported_as_such(plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("station.targets.console.target.WAKE_S", 0.3)
    plug("at-idmau", deaf=True)
    with pytest.raises(BoardFault, match="no answer") as fault:
        talk(a_profile("at-idmau"))
    assert fault.value.code == "E201"


def test_the_other_generation_of_linkkey_is_not_mistaken_for_this_one(plug: Plug, talk: Talk) -> None:
    plug("alios-linkkey-b")
    with pytest.raises(BoardFault):
        talk(a_profile("alios-linkkey-a")).identify()


def test_a_board_that_ignores_its_restart_command_is_caught(plug: Plug, talk: Talk) -> None:
    plug("esp-at-sysmfg", ignores_restart=True)
    profile = a_profile("esp-at-sysmfg", restart={"line": "AT+RST", "boot": "^ready$", "boot_s": 0.3})
    with pytest.raises(BoardFault, match="no answer to the restart"):
        talk(profile).restart()


def test_a_firmware_without_the_restart_command_is_caught(plug: Plug, talk: Talk) -> None:
    plug("alios-linkkey-a")
    profile = a_profile("alios-linkkey-a", restart={"line": "restart", "boot_s": 0.2})
    with pytest.raises(BoardFault, match="no such command"):
        talk(profile).restart()


def test_a_restart_by_hand_is_awaited(plug: Plug, talk: Talk) -> None:
    board = plug("zephyr-settings")
    session = talk(a_profile("zephyr-settings", restart={"operator": True, "boot": "^.*Booting Zephyr"}))
    assert "off and on" in session.instruction
    operator = threading.Timer(0.2, board.switch_off_and_on)
    operator.start()
    boots = board.boots
    session.restart()
    assert board.boots == boots + 1


def test_what_a_board_said_before_it_was_to_be_switched_off_is_no_restart(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may start by itself while its last answer comes."""
    monkeypatch.setattr("station.targets.console.restart.OPERATOR_S", 0.3)
    board = plug("zephyr-settings")
    session = talk(a_profile("zephyr-settings", restart={"operator": True, "boot": "^.*Booting Zephyr"}))
    board.switch_off_and_on()
    session._line.hear([pattern("Booting Zephyr")], PATIENCE_S, "the start", whole=True)
    with pytest.raises(BoardFault, match="no answer to the restart"):
        session.restart()


def test_a_board_that_tells_its_uid_while_it_is_started_by_hand_asks_for_that(plug: Plug, talk: Talk) -> None:
    by_hand = {"operator": True, "boot": "^.*Booting Zephyr"}
    plug("zephyr-settings")
    asked = talk(a_profile("zephyr-settings", restart=by_hand))
    assert asked.identify_instruction == ""
    asked.close()
    printed = talk(a_profile("zephyr-settings", restart=by_hand, uid={"marker": r"^id=(\S+)$"}))
    assert "off and on" in printed.identify_instruction


def test_a_board_that_says_nothing_at_its_restart_is_not_restarted_although_no_word_of_its_start_is_known(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The line that should reset it is not connected: what it holds is not proved to be kept."""
    monkeypatch.setattr(OpenPort, "set_modem_lines", lambda _port, **_lines: True)
    plug("zephyr-settings")
    with pytest.raises(BoardFault, match="no answer to the restart"):
        talk(a_profile("zephyr-settings", restart={"modem": "rts", "boot_s": 0.2})).restart()


def test_a_modem_line_restarts_a_board_and_is_let_go_again(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    driven: list[dict[str, bool]] = []

    def drive(_port: OpenPort, **lines: bool) -> bool:
        driven.append(lines)
        if lines == {"rts": True}:
            board.switch_off_and_on()
        return True

    monkeypatch.setattr(OpenPort, "set_modem_lines", drive)
    board = plug("zephyr-settings")
    session = talk(a_profile("zephyr-settings", restart={"modem": "rts", "boot": "^.*Booting Zephyr", "boot_s": 10.0}))
    boots = board.boots
    session.restart()
    assert (board.boots, driven) == (boots + 1, [{"rts": True}, {"rts": False}])


def test_a_port_without_modem_lines_cannot_restart_a_board(plug: Plug, talk: Talk) -> None:
    plug("zephyr-settings")
    with pytest.raises(PortFault, match="no RTS line"):
        talk(a_profile("zephyr-settings", restart={"modem": "rts", "boot_s": 0.2})).restart()


def test_a_board_that_takes_its_port_away_while_it_restarts_is_found_again_and_is_as_deaf(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(ConsoleLine, "wait", lambda _line, seconds: waits.append(seconds))
    board, profile = plug("zephyr-settings"), a_profile("zephyr-settings")
    session = talk(profile)
    session.write(an_identity(profile), no_progress)

    def reenumerate() -> None:
        board.unplug()
        time.sleep(0.2)
        board.plug()

    thread = threading.Timer(0.1, reenumerate)
    by_hand = a_profile("zephyr-settings", restart={"operator": True, "boot": "^.*Booting Zephyr", "wait_s": 0.25})
    session.close()
    session = talk(by_hand)
    thread.start()
    session.restart()
    thread.join()
    assert waits == [0.25]
    assert session.read_back(an_identity(profile), no_progress).verdict is Verdict.EQUAL


def test_a_board_that_does_not_come_back_is_not_looked_for_where_another_one_has_its_name_now(
    plug: Plug, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where names are numbers in the order of plugging in, the next board that comes gets the one that is free."""
    elsewhere = [SeenPort(device=str(tmp_path / "slot1"), topology="usb-1-3:1.0")]
    monkeypatch.setattr(usb, "scan", lambda: elsewhere)
    board, profile = plug("zephyr-settings"), a_profile("zephyr-settings")
    port = Port(url=str(tmp_path / "slot1"), slot="1", location="usb-1-2:1.0")
    with closing(ConsoleTarget().open(port, profile)) as session:
        session.identify()
        board.unplug()
        other = plug("zephyr-settings")
        with pytest.raises(PortFault) as fault:
            session.restart()
        assert (fault.value.code, other.lines) == ("E313", [])


def test_a_uid_that_the_board_only_prints_at_its_start_is_read_by_restarting_it(plug: Plug, talk: Talk) -> None:
    board = plug("zephyr-settings")
    session = talk(a_profile("zephyr-settings", uid={"marker": "^efuse mac: (\\S+)$"}))
    boots = board.boots
    assert session.identify().uid == board.uid
    assert board.boots == boots + 1


def test_a_uid_is_believed_only_when_it_comes_twice(plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log line may fall into it, and the board is married under that name for life."""
    board = plug("zephyr-settings")
    damaged = f"{board.uid[:-1]}0"
    told = iter([damaged, board.uid, board.uid, board.uid])
    session = talk(a_profile("zephyr-settings"))
    monkeypatch.setattr(ConsoleSession, "_uid_in", lambda _session, _ask: next(told))
    assert session.identify().uid == board.uid != damaged


def test_a_uid_that_two_boards_could_share_is_refused(plug: Plug, talk: Talk) -> None:
    board = plug("zephyr-settings")
    board.uid = "ffffffffffff"
    board.switch_off_and_on()
    with pytest.raises(BoardFault, match="no usable uid"):
        talk(a_profile("zephyr-settings")).identify()


def test_a_pulled_plug_is_a_port_fault_at_every_step(plug: Plug, talk: Talk) -> None:
    board, profile = plug("zephyr-settings"), a_profile("zephyr-settings")
    session = talk(profile)
    board.unplug()
    for step in (
        session.identify,
        lambda: session.write(an_identity(profile), no_progress),
        lambda: session.read_back(an_identity(profile), no_progress),
    ):
        with pytest.raises(PortFault) as fault:
            step()
        assert fault.value.code == "E311"


def test_the_port_is_opened_at_the_profiles_speed(plug: Plug, talk: Talk) -> None:
    board = plug("zephyr-settings")
    talk(a_profile("zephyr-settings", baud=9600))
    handle = os.open(board.url, os.O_RDWR | os.O_NOCTTY)
    try:
        assert termios.tcgetattr(handle)[5] == termios.B9600
    finally:
        os.close(handle)


def test_a_board_without_uid_needs_a_scan(plug: Plug) -> None:
    board, profile = plug("at-idmau"), a_profile("at-idmau")
    port = Port(url=board.url, slot="1")
    with pytest.raises(NeedsPerson, match="no uid of its own"):
        ConsoleTarget().open(port, profile)
    with pytest.raises(NeedsPerson, match="no board uid"):
        ConsoleTarget().open(port, profile, label="(]")


@pytest.mark.parametrize(
    ("name", "common", "says"),
    [
        ("at-idmau", {"scan_label": False}, "scan_label must be true"),
        ("at-idmau", {"product_secret": False}, "sends productSecret"),
        ("zephyr-settings", {"product_secret": True}, "does not send productSecret"),
        ("zephyr-settings", {"identity": "nvr-set"}, "nvr-set"),
    ],
)
def test_a_profile_that_contradicts_itself_opens_no_port(
    name: str, common: dict[str, object], says: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=says):
        ConsoleTarget().open(Port(url=str(tmp_path / "none"), slot="1"), a_profile(name, common=common), label=LABEL)


def test_no_error_shows_what_is_on_the_line(plug: Plug, talk: Talk) -> None:
    profile = a_profile("at-idmau")
    plug("at-idmau", log_inside=0.9, garbage=0.9)
    secret = "5ecret5ecret5ecret5ecret"
    for step in ("write", "read_back"):
        try:
            getattr(talk(profile), step)(an_identity(profile, secret=secret), no_progress)
        except (BoardFault, PortFault) as fault:
            assert "5ecret" not in fault.lines()
            assert "5ecret" not in repr(fault)


def test_no_line_is_repeated_to_a_blank_board_where_one_under_its_label_showed_the_identity(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever refuses the first line need not be who was read: the one that has it all is elsewhere by now."""
    profile, board = a_profile("at-idmau"), plug("at-idmau")
    identity = an_identity(profile)
    before = talk(profile)
    before.write(identity, no_progress)
    before.close()
    session = talk(profile)
    assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
    board.store.unlink()
    board.switch_off_and_on()
    say, refusals = ConsoleSession._say_step, iter([BoardFault("not that", code=Code.E203)])

    def refused_once(session: ConsoleSession, step: Write, values: Mapping[Field, str]) -> None:
        for refusal in refusals:
            raise refusal
        say(session, step, values)

    monkeypatch.setattr(ConsoleSession, "_say_step", refused_once)
    with pytest.raises(BoardFault, match="not that"):
        session.write(identity, no_progress)
    assert read_identity(board.store, "at-idmau") is None


def test_no_line_is_repeated_to_a_blank_board_where_one_under_its_label_may_have_taken_it(
    plug: Plug, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first board's answer was lost, and a part of what it shows is wrong; the second one refuses the line."""
    profile, board = a_profile("at-idmau"), plug("at-idmau", changes="deviceSecret")
    identity, session, said = an_identity(profile), talk(profile), list[int]()
    say = ConsoleSession._say_step

    def then_another(session: ConsoleSession, step: Write, values: Mapping[Field, str]) -> None:
        said.append(len(said))
        if len(said) == 2:
            board._quirks = Quirks()
            board.store.unlink()
            board.switch_off_and_on()
            raise BoardFault("not that", code=Code.E203)
        say(session, step, values)
        if len(said) == 1:
            raise BoardFault("no answer", code=Code.E201)

    monkeypatch.setattr(ConsoleSession, "_say_step", then_another)
    with pytest.raises(BoardFault, match="not that"):
        session.write(identity, no_progress)
    assert (len(said), read_identity(board.store, "at-idmau")) == (2, None)
