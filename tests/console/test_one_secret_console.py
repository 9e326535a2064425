# SPDX-License-Identifier: GPL-3.0-or-later
"""A vendor's console that takes productSecret in the place of deviceSecret: a line in the profile, no code."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from station.errors import ConfigError
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, Port, Provider, Secret
from station.profiles import shipped
from station.profiles.profile import Profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.console import ConsoleBoard
from station.targets.console.target import ConsoleTarget
from tests.console.console_bench import a_profile

PRODUCT = "a1B2c3D4e5F"
SECRET = "OKps.1234567890"


def profile(**common: object) -> Profile:
    """The shipped Zephyr profile, with the one field instead of the other."""
    console: dict[str, Any] = json.loads(
        json.dumps(shipped.table_of("zephyr-settings")["console"]).replace("deviceSecret", "productSecret")
    )
    console.pop("restart")
    console["max_length"] = {"productKey": 20, "deviceName": 32, "productSecret": 64}
    return a_profile("zephyr-settings", common={"products": [PRODUCT], **common}, **console)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(bytes(range(32)))) as opened:
        batch = BatchKey(provider=Provider.ALIYUN_IOT, product_key=PRODUCT, batch_id="b1")
        opened.receive(batch, [Identity(primary=certificate(number)) for number in (1, 2)])
        yield opened


def certificate(number: int) -> Certificate:
    return Certificate(
        provider=Provider.ALIYUN_IOT,
        product_key=PRODUCT,
        device_name=f"cam-{number:04}",
        device_secret=Secret(f"{number:032x}"),
        product_secret=Secret(SECRET),
    )


def visit(folder: Path, ledger: Ledger, number: int, **quirks: Any) -> Visit:
    job = Job(ledger=ledger, target=ConsoleTarget(), profile=profile(secret="product"), tell=lambda _visit: None)
    link = folder / "slot1"
    with ConsoleBoard("zephyr-settings", uid=f"a1b2c3d4e5{number:02x}", store=folder / f"{number}.json", link=link):
        return flash(job, Port(url=str(link), slot="1"))


def test_two_boards_get_two_names_and_one_secret(tmp_path: Path, ledger: Ledger) -> None:
    seen = [visit(tmp_path, ledger, number) for number in (1, 2, 1)]
    assert [one.outcome for one in seen] == [Outcome.PASS, Outcome.PASS, Outcome.ALREADY_DONE], seen[0].error
    for number in (1, 2):
        held = (tmp_path / f"{number}.json").read_text()
        assert f"cam-{number:04}" in held and SECRET in held
        assert "deviceSecret" not in held and f"{number:032x}" not in held


@pytest.mark.parametrize("common", [{}, {"product_secret": True}])
def test_profile_and_lines_must_say_the_same(tmp_path: Path, common: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r"console\.write does not send deviceSecret, secret says otherwise"):
        ConsoleTarget().open(Port(url=str(tmp_path / "none"), slot="1"), profile(**common))
