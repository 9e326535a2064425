# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a slot's board is reached after its reset took its USB device away: in its own socket or nowhere. Whatever else
is plugged in then is a board of another slot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from station.model import Port
from station.targets import usb
from station.targets.slots import SeenPort

MINE, OTHERS = "usb-1-2:1.0", "usb-1-3:1.0"
PORT = Port(url="/dev/ttyACM0", slot="1", location=MINE)


def seen(**topologies: str) -> list[SeenPort]:
    return [SeenPort(device=f"/dev/{name}", topology=place) for name, place in topologies.items()]


@pytest.mark.parametrize(
    ("there", "device"),
    [
        (seen(ttyACM1=MINE, ttyACM2=OTHERS), "/dev/ttyACM1"),
        (seen(ttyACM2=OTHERS), None),
        (seen(ttyACM2=""), None),
        (seen(ttyACM1=MINE, ttyACM3=MINE), None),
        ([], None),
    ],
    ids=["both are there", "its own is away", "nobody can tell where", "two claim its socket", "nothing is there"],
)
def test_a_board_is_looked_for_in_its_own_socket_alone(
    there: Iterable[SeenPort], device: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(usb, "scan", lambda: there)
    assert usb.device_of(PORT) == usb.wait_for(PORT, 0.0) == device


def test_a_board_that_comes_back_under_another_number_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: Iterator[list[SeenPort]] = iter(([], seen(ttyACM2=OTHERS), seen(ttyACM2=OTHERS, ttyACM7=MINE)))
    monkeypatch.setattr(usb, "scan", lambda: next(looks))
    assert usb.wait_for(PORT, 3600.0) == "/dev/ttyACM7"


def test_a_port_that_is_no_socket_is_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usb, "scan", lambda: seen(ttyACM1=MINE))
    assert usb.device_of(Port(url="socket://fixture:7001", slot="1")) == "socket://fixture:7001"
