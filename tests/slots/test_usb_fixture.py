# SPDX-License-Identifier: GPL-3.0-or-later
"""Sixteen boards on USB in a mocked sysfs: plugged, unplugged, swapped, re-enumerated; each stays in its own slot and
nothing is ever written to a port outside the list.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(not shutil.which("umockdev-wrapper"), reason="needs the Debian package umockdev")


@pytest.fixture(scope="module")
def report() -> Any:
    script = Path(__file__).with_name("mock_fixture.py")
    run = subprocess.run(
        ["umockdev-wrapper", sys.executable, str(script)], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def brief(events: list[dict[str, str]]) -> list[tuple[str, str, str]]:
    return [(event["event"], event["slot"], event["serial"]) for event in events]


def test_an_empty_fixture_tells_nothing(report: Any) -> None:
    assert report["empty"] == []


def test_sixteen_boards_plugged_in_any_order_are_each_in_their_slot(report: Any) -> None:
    assert sorted(brief(report["plugged"])) == sorted(("appeared", str(n), f"SN{n}") for n in range(1, 17))
    urls = [event["url"] for event in report["plugged"]]
    assert sorted(urls) == sorted(f"/dev/ttyUSB{n}" for n in range(1, 17))
    assert urls != [f"/dev/ttyUSB{event['slot']}" for event in report["plugged"]]


def test_ports_outside_the_list_are_skipped(report: Any) -> None:
    assert report["skipped"] == ["STRANGER1", "STRANGER2"]
    assert len(report["list_ports"]) == 18


def test_unplugged_boards_leave_their_own_slots(report: Any) -> None:
    assert brief(report["unplugged"]) == [("vanished", str(n), f"SN{n}") for n in (4, 7, 10, 13)]


def test_boards_put_back_crosswise_are_where_they_are_not_where_they_were(report: Any) -> None:
    assert brief(report["swapped"]) == [("appeared", "7", "SN4"), ("appeared", "4", "SN7")]


def test_a_swap_between_two_looks_under_one_name_is_not_missed(report: Any) -> None:
    assert brief(report["quick"]) == [("vanished", "1", "SN1"), ("appeared", "1", "SN1")]
    assert report["quick"][0]["url"] == report["quick"][1]["url"]


def test_a_board_that_comes_back_as_another_device_stays_in_its_slot(report: Any) -> None:
    assert brief(report["enumerated_again"]) == [("vanished", "5", "SN5"), ("appeared", "5", "SN5")]
    assert [event["url"] for event in report["enumerated_again"]] == ["/dev/ttyUSB14", "/dev/ttyACM0"]


def test_one_port_of_a_bridge_is_told_from_the_others_with_udev_and_without(report: Any) -> None:
    assert brief(report["bridge"]) == [("appeared", "bridge", "BRIDGE")]
    assert report["bridge"][0]["url"] == "/dev/ttyUSB62"
    assert report["bridge_by_list"] == ["usb-1-3", "usb-1-3-port1", "usb-1-3-port2"]


def test_each_board_heard_its_own_slots_name_and_a_stranger_nothing(report: Any) -> None:
    heard = {f"SN{n}": [str(n)] for n in range(1, 17)}
    heard |= {"SN1": ["1", "1"], "SN4": ["4", "7"], "SN7": ["7", "4"], "BRIDGE": ["bridge"]}
    heard |= {"STRANGER1": [], "STRANGER2": []}
    assert dict(report["heard"]) == heard
