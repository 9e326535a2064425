# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards, identities and sessions for the tests of the agent's two sides."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from station.model import Certificate, Identity, IdentityKind, Port, Secret
from station.profiles.profile import Profile
from station.simulate.agent_board import AgentBuild, SimulatedAgentBoard
from station.simulate.firmware_board import FirmwareBoard
from station.simulate.mcu import McuBoard
from station.simulate.qemu import QemuBoard
from station.targets.agent.target import AgentSession, AgentTarget

needs_qemu = pytest.mark.skipif(shutil.which("qemu-system-arm") is None, reason="qemu-system-arm is not installed")
SIMULATED = ("simulated", "simulated 1")
EMULATED = (pytest.param("unicorn"), pytest.param("qemu", marks=needs_qemu))
on_emulated = pytest.mark.parametrize("make_board", EMULATED, indirect=True)
on_every_kind = pytest.mark.parametrize("make_board", (*SIMULATED, *EMULATED), indirect=True)

UID = "00a1b2c3d4e5f607"
QUICK = {"answer_s": 0.25, "flash_s": 1.0, "restart_s": 5.0, "attempts": 6}
"""Patience of a test: boards here answer within milliseconds."""
UNHURRIED = {"answer_s": 10.0, "flash_s": 30.0, "restart_s": 60.0}
"""Where the board is a process, no answer is lost and the machine may have much else to do."""


@dataclass(frozen=True)
class OnBench:
    """A powered board and a look into its storage that asks no board."""

    board: SimulatedAgentBoard | FirmwareBoard
    stored: Callable[[], list[Certificate] | None]
    locked: Callable[[], bool]

    version: int = 2

    @property
    def url(self) -> str:
        return self.board.url


FIRST = AgentBuild(versions=(1,))
"""Firmware of before version 2 of the protocol."""

MakeBoard = Callable[..., OnBench]


def make_kind(kind: str, uid: str, store: Path, link: Path) -> SimulatedAgentBoard | FirmwareBoard:
    if kind.startswith("simulated"):
        return SimulatedAgentBoard(uid, store, link, build=FIRST if kind.endswith(" 1") else None)
    return (McuBoard if kind == "unicorn" else QemuBoard)(uid, store, link=link)


def certificate(name: str, product: str = "a1B2c3D4e5F", product_secret: str = "") -> Certificate:
    return Certificate(
        product_key=product,
        device_name=name,
        device_secret=Secret(f"secret-of-{name}"),
        product_secret=Secret(product_secret) if product_secret else None,
    )


def single(name: str, product_secret: str = "") -> Identity:
    return Identity(primary=certificate(name, product_secret=product_secret))


def nvr(name: str, cameras: int) -> Identity:
    channels = tuple(certificate(f"{name}@ipc:{n}", "a1IPCipcIPC") for n in range(1, cameras + 1))
    return Identity(primary=certificate(name, "a1NVRnvrNVR"), channels=channels, kind=IdentityKind.SET)


def session_on(url: str, **options: object) -> AgentSession:
    """Closed by the caller; `with closing(…)` does."""
    profile = Profile(name="tests", target="agent", options=QUICK | options)
    return AgentTarget().open(Port(url=url, slot="A1"), profile)
