# SPDX-License-Identifier: GPL-3.0-or-later
"""A console board in a socket and a session with it, per shipped profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from station import profiles
from station.assembly import check_options
from station.model import Certificate, Identity, Port, Secret
from station.profile import Profile, parse_profile
from station.simulate.console import ConsoleBoard, Quirks
from station.targets.console import ConsoleSession, ConsoleTarget

LABEL = "A1B2C3D4"
UIDS = {"nordic-cmng": "352656100367872"}


def a_profile(name: str, *, common: dict[str, object] | None = None, **console: object) -> Profile:
    """A shipped profile with some keys changed; simulated boards start in no time, so nobody waits for 10 s."""
    table = dict(profiles.table_of(name)) | (common or {})
    options: dict[str, Any] = dict(table["console"])  # type: ignore[call-overload]
    options["restart"] = options["restart"] | {"boot_s": 1.5 if "boot" in options["restart"] else 0.15}
    table["console"] = options | {"timeout_s": 0.5} | console
    return parse_profile(table, check_options, source=name)


def an_identity(profile: Profile, **fields: str) -> Identity:
    values = {"product_key": "a1B2c3D4e5F", "device_name": "cam-0001", "secret": "0123456789abcdef0123456789abcdef"}
    values |= {"product_secret": "OKps.1234567890"} | fields
    return Identity(
        primary=Certificate(
            product_key=values["product_key"],
            device_name=values["device_name"],
            device_secret=Secret(values["secret"]),
            product_secret=Secret(values["product_secret"]) if profile.product_secret else None,
        )
    )


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    with ExitStack() as things:
        yield things


@pytest.fixture
def plug(tmp_path: Path, stack: ExitStack) -> Callable[..., ConsoleBoard]:
    """Put a board of a dialect into the one socket; keywords are its quirks."""

    def put(dialect: str, **quirks: Any) -> ConsoleBoard:
        return stack.enter_context(
            ConsoleBoard(
                dialect,
                uid=UIDS.get(dialect, "a1b2c3d4e5f6"),
                store=tmp_path / "storage.json",
                link=tmp_path / "slot1",
                quirks=Quirks(**quirks),
            )
        )

    return put


@pytest.fixture
def talk(tmp_path: Path, stack: ExitStack) -> Callable[..., ConsoleSession]:
    """Open a session with the board in the socket."""

    def open_session(profile: Profile, label: str | None = None) -> ConsoleSession:
        port = Port(url=str(tmp_path / "slot1"), slot="1")
        scanned = (label or LABEL) if profile.scan_label else None
        return stack.enter_context(closing(ConsoleTarget().open(port, profile, label=scanned)))

    return open_session
