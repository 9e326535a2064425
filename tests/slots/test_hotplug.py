# SPDX-License-Identifier: GPL-3.0-or-later
"""Watching fixed ports on real ptys behind a symlink, as a fault cable or udev's SYMLINK gives them."""

import os
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.errors import ConfigError
from station.targets import hotplug, usb
from station.targets.hotplug import (
    PollingWatcher,
    PortAppeared,
    PortVanished,
    PortWatcher,
    SteadyWatcher,
    node_token,
    watch_ports,
)
from station.targets.slots import SeenPort, SlotSpec
from tests.waiting import PATIENCE_S


class Socket:
    """A place where boards are plugged: a symlink to a pty."""

    def __init__(self, link: Path) -> None:
        self.link = link
        self._held: list[int] = []

    def plug(self) -> None:
        master, slave = os.openpty()
        tty.setraw(slave)
        self._held += [master, slave]
        fresh = self.link.with_suffix(".new")
        fresh.symlink_to(os.ttyname(slave))
        fresh.replace(self.link)

    def unplug(self) -> None:
        self.link.unlink()
        while self._held:
            os.close(self._held.pop())


@pytest.fixture
def sockets(tmp_path: Path) -> Iterator[list[Socket]]:
    made = [Socket(tmp_path / f"slot{n}") for n in (1, 2)]
    yield made
    for socket in made:
        if socket.link.is_symlink():
            socket.unplug()


@pytest.fixture
def watcher(sockets: list[Socket]) -> PortWatcher:
    return watch_ports([SlotSpec(name=s.link.name, path=str(s.link)) for s in sockets])


def told(watcher: PortWatcher, timeout_s: float = 2.0) -> list[tuple[str, str]]:
    return [(type(event).__name__.removeprefix("Port").lower(), event.port.slot) for event in watcher.events(timeout_s)]


def test_what_is_plugged_at_the_start_appears_first(sockets: list[Socket], watcher: PortWatcher) -> None:
    sockets[1].plug()
    assert told(watcher) == [("appeared", "slot2")]
    assert watcher.present()["slot2"].url == str(sockets[1].link)
    assert told(watcher, 0.0) == []


def test_plugging_and_unplugging_is_told_per_slot(sockets: list[Socket], watcher: PortWatcher) -> None:
    assert told(watcher, 0.0) == []
    sockets[0].plug()
    assert told(watcher) == [("appeared", "slot1")]
    sockets[1].plug()
    sockets[0].unplug()
    assert told(watcher) == [("vanished", "slot1"), ("appeared", "slot2")]
    assert set(watcher.present()) == {"slot2"}


def test_a_swap_between_two_looks_is_not_missed(sockets: list[Socket], watcher: PortWatcher) -> None:
    sockets[0].plug()
    told(watcher)
    sockets[0].unplug()
    sockets[0].plug()
    assert told(watcher) == [("vanished", "slot1"), ("appeared", "slot1")]


def test_using_a_port_is_not_taken_for_a_swap(sockets: list[Socket], watcher: PortWatcher) -> None:
    sockets[0].plug()
    told(watcher)
    handle = os.open(sockets[0].link, os.O_RDWR | os.O_NOCTTY)
    os.write(handle, b"x")
    os.fchmod(handle, 0o600)
    os.close(handle)
    assert told(watcher, 0.3) == []


def test_a_url_is_always_there() -> None:
    watcher = PollingWatcher([SlotSpec(name="1", path="socket://127.0.0.1:9")])
    (event,) = watcher.events(0.0)
    assert isinstance(event, PortAppeared)
    assert watcher.events(0.0) == []
    assert not any(isinstance(event, PortVanished) for event in watcher.events(0.05))


def test_boards_that_nobody_tells_of_are_looked_for_again_and_again(
    sockets: list[Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """USB ports where there is no udev."""
    place = "usb-1-2:1.0"

    def plugged_in() -> list[SeenPort]:
        return [SeenPort(device=str(s.link), topology=place) for s in sockets if s.link.is_symlink()]

    monkeypatch.setattr(usb, "scan_list", plugged_in)
    watcher = PollingWatcher([SlotSpec(name="1", path=place)])
    assert told(watcher, 0.0) == []
    sockets[0].plug()
    assert told(watcher, PATIENCE_S) == [("appeared", "1")]
    sockets[0].unplug()
    sockets[0].plug()
    assert told(watcher, PATIENCE_S) == [("vanished", "1"), ("appeared", "1")]
    sockets[0].unplug()
    assert told(watcher, PATIENCE_S) == [("vanished", "1")]


def test_an_ambiguous_list_is_never_watched() -> None:
    with pytest.raises(ConfigError, match="plugging"):
        watch_ports([SlotSpec(name="1", path="/dev/ttyUSB0")])


def test_a_fault_is_outlived_and_what_is_there_is_told_as_gone_and_new(
    sockets: list[Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    faults: list[Exception] = []
    steady = SteadyWatcher([SlotSpec(name=s.link.name, path=str(s.link)) for s in sockets], faults.append)
    sockets[0].plug()
    assert told(steady) == [("appeared", "slot1")]
    look = PollingWatcher._look
    broken = iter([OSError("out of buffers")])

    def sometimes(watcher: PollingWatcher) -> object:
        for fault in broken:
            raise fault
        return look(watcher)

    monkeypatch.setattr(PollingWatcher, "_look", sometimes)
    assert told(steady) == [("vanished", "slot1")]
    assert [type(fault) for fault in faults] == [OSError]
    assert told(steady) == [("appeared", "slot1")]


def test_a_watcher_that_cannot_be_begun_anew_at_once_is_tried_again(
    sockets: list[Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """udev is being restarted."""

    def down(*_: object) -> None:
        raise OSError("no udev")

    faults: list[Exception] = []
    slots = [SlotSpec(name=s.link.name, path=str(s.link)) for s in sockets]
    steady = SteadyWatcher(slots, faults.append)
    sockets[0].plug()
    assert told(steady) == [("appeared", "slot1")]
    with monkeypatch.context() as broken:
        broken.setattr(PollingWatcher, "_look", down)
        broken.setattr(hotplug, "watch_ports", down)
        assert told(steady) == [("vanished", "slot1")]
        assert (told(steady), steady.present()) == ([], {})
        steady.assign(slots[:1])
    assert (told(steady), len(faults)) == ([("appeared", "slot1")], 2)
    steady.close()


def fails(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """So many looks, from now on."""
    look, faults = PollingWatcher._look, iter([OSError("out of buffers")] * times)

    def sometimes(watcher: PollingWatcher) -> object:
        for fault in faults:
            raise fault
        return look(watcher)

    monkeypatch.setattr(PollingWatcher, "_look", sometimes)
    monkeypatch.setattr(hotplug, "_BREATH_S", 0.0)


def test_a_slot_that_was_moved_is_watched_at_its_new_place_after_a_fault_too(
    sockets: list[Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a board would be taken for the one in another slot, by whose label it is known."""
    one, two = (SlotSpec(name=s.link.name, path=str(s.link)) for s in sockets)
    for socket in sockets:
        socket.plug()
    steady = SteadyWatcher([one], list[Exception]().append)
    assert told(steady) == [("appeared", "slot1")]
    steady.assign([SlotSpec(name="slot1", path=two.path)])
    assert told(steady) == [("vanished", "slot1"), ("appeared", "slot1")]
    fails(monkeypatch, 1)
    assert told(steady) == [("vanished", "slot1")]
    assert told(steady) == [("appeared", "slot1")]
    assert steady.present()["slot1"].url == two.path
    steady.close()


def test_faults_that_are_long_past_are_no_reason_to_give_up(
    sockets: list[Socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    steady = SteadyWatcher([SlotSpec(name=s.link.name, path=str(s.link)) for s in sockets], list[Exception]().append)
    monkeypatch.setattr(hotplug, "STEADY_S", 0.0)
    fails(monkeypatch, 5)
    sockets[0].plug()
    assert [told(steady) for _ in range(6)] == [[]] * 5 + [[("appeared", "slot1")]]
    steady.close()


def test_faults_that_do_not_end_are_raised_in_the_end(sockets: list[Socket], monkeypatch: pytest.MonkeyPatch) -> None:
    def never(_watcher: PollingWatcher) -> object:
        raise OSError("out of buffers")

    faults: list[Exception] = []
    steady = SteadyWatcher([SlotSpec(name=s.link.name, path=str(s.link)) for s in sockets], faults.append)
    monkeypatch.setattr(PollingWatcher, "_look", never)
    assert told(steady) == told(steady) == []
    with pytest.raises(OSError, match="out of buffers"):
        steady.events(0.0)
    assert len(faults) == 2


def test_other_slots_are_watched_without_a_word_about_those_that_stay(sockets: list[Socket]) -> None:
    one, two = (SlotSpec(name=s.link.name, path=str(s.link)) for s in sockets)
    for socket in sockets:
        socket.plug()
    watcher = watch_ports([one])
    assert told(watcher) == [("appeared", "slot1")]
    watcher.assign([one, two])
    assert told(watcher) == [("appeared", "slot2")]
    watcher.assign([SlotSpec(name="slot1", path=two.path)])
    assert sorted(told(watcher)) == [("appeared", "slot1"), ("vanished", "slot1"), ("vanished", "slot2")]


def test_a_link_that_goes_while_it_is_looked_at_is_no_other_device(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or a board that is taken out after its PASS would be begun anew: E313, with nothing there to open."""
    link = tmp_path / "link"
    link.symlink_to(os.devnull)
    before, stat = node_token(str(link)), Path.stat

    def then_gone(path: Path, **how: bool) -> os.stat_result:
        found = stat(path, **how)
        link.unlink(missing_ok=True)
        return found

    monkeypatch.setattr(Path, "stat", then_gone)
    assert node_token(str(link)) in (before, None)
