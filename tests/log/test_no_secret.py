# SPDX-License-Identifier: GPL-3.0-or-later
"""No secret is in any log, whatever was done and went wrong, at debug level and in no form."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from station.cloud.living.client import LivingLink
from station.cloud.values import BatchId
from station.errors import StationError
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Identity, Port, Provider
from station.profiles.profile import Profile
from station.secrets.vault import Vault
from station.simulate.agent_board import Misbehaviour, SimulatedAgentBoard
from station.simulate.cloud import CloudSimulator
from station.simulate.console import ConsoleBoard
from station.simulate.esp import BoardSpec, EspBoard
from station.targets import get_target
from station.targets.base import Target
from tests.cloud.cloud_clients import QUICK, living_account
from tests.console.console_bench import a_profile, an_identity
from tests.log.logs import leaked, lines, logged
from tests.targets import esp_bench

UID = "a1b2c3d4e501"
AGENT = Profile(name="agent", target="agent", products=("a1B2c3D4e5F",), options={"answer_s": 0.3, "restart_s": 2.0})


def of(identity: Identity) -> list[str]:
    return [
        secret.reveal() for one in identity for secret in (one.device_secret, one.product_secret) if secret is not None
    ]


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as opened:
        yield opened


def stocked(ledger: Ledger, identity: Identity) -> Identity:
    batch = BatchKey(provider=Provider.LIVING, batch_id="1", product_key=identity.name.product_key)
    ledger.receive(batch, [identity])
    return identity


def visit(ledger: Ledger, profile: Profile, url: str, label: str | None = None, **port: Any) -> Visit:
    job = Job(ledger=ledger, target=get_target(profile.target), profile=profile, tell=lambda _visit: None)
    return flash(job, Port(url=url, slot="1", **port), label=label)


class Indiscreet:
    """A target with a defect, whose errors quote what was to be written."""

    def __init__(self, real: Target) -> None:
        self._real = real

    def open(self, *given: Any, **named: Any) -> Any:
        session: Any = self._real.open(*given, **named)

        def write(identity: Identity, _progress: object) -> None:
            try:
                dict[str, str]()[identity.primary.device_secret.reveal()]
            except KeyError as error:
                raise ValueError(f"cannot write {of(identity)}") from error

        session.write = write
        return session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def test_no_agents_secret_is_in_the_log_of_a_write_that_passed_or_failed(ledger: Ledger, tmp_path: Path) -> None:
    known = []
    with logged(tmp_path):
        for number, faults in enumerate(
            (Misbehaviour(), Misbehaviour(flips_stored_byte=True), Misbehaviour(dead_after=6)), 1
        ):
            known += of(stocked(ledger, an_identity(AGENT, device_name=f"cam{number}", secret=secrets.token_hex(16))))
            with SimulatedAgentBoard(f"ab{number:014x}", tmp_path / f"{number}.flash", faults=faults) as board:
                visit(ledger, AGENT, board.url)
    ends = [line.partition("slot 1: ")[2].split()[0] for line in lines(tmp_path) if " after " in line]
    assert ends == ["PASS", "FAIL", "IN_DOUBT"]
    assert leaked(tmp_path, *known) == []


def test_a_defect_whose_text_quotes_secrets_leaves_its_way_alone(ledger: Ledger, tmp_path: Path) -> None:
    identity = stocked(ledger, an_identity(AGENT))
    with logged(tmp_path), SimulatedAgentBoard("ab01", tmp_path / "1.flash") as board:
        target: Any = Indiscreet(get_target("agent"))
        job = Job(ledger=ledger, target=target, profile=AGENT, tell=lambda _visit: None)
        flash(job, Port(url=board.url, slot="1"))
    way = next(line for line in lines(tmp_path) if "; from KeyError at " in line)
    assert "StationFault at no place; from ValueError at test_no_secret.py:" in way
    assert "< flow.py:" in way
    assert leaked(tmp_path, *of(identity)) == []


def test_no_consoles_secret_is_in_it(ledger: Ledger, tmp_path: Path) -> None:
    profile = a_profile("mxchip-ilopset", common={"products": ["a1B2c3D4e5F"]})
    identity = stocked(ledger, an_identity(profile))
    with (
        logged(tmp_path),
        ConsoleBoard("mxchip-ilopset", uid=UID, store=tmp_path / "1") as board,
    ):
        visit(ledger, profile, board.url, label=UID)
    assert any("PASS after" in line for line in lines(tmp_path)), lines(tmp_path)
    assert leaked(tmp_path, *of(identity)) == []


@pytest.mark.usefixtures("unlisted")
def test_no_esp_boards_secret_is_in_it(ledger: Ledger, tmp_path: Path) -> None:
    identity = stocked(ledger, an_identity(AGENT, secret=secrets.token_hex(16)))
    using = esp_bench.profile()
    profile = Profile(name="esp", target="esp-nvs", products=("a1B2c3D4e5F",), chips=using.chips, options=using.options)
    with (
        logged(tmp_path),
        EspBoard(BoardSpec(chip="esp32c3", mac=esp_bench.MAC, partitions=esp_bench.PARTITIONS)) as board,
    ):
        visit(ledger, profile, board.url, serial=board.mac)
    assert any("PASS after" in line for line in lines(tmp_path)), lines(tmp_path)
    assert leaked(tmp_path, *of(identity)) == []


def test_a_cloud_call_is_its_name_answer_and_time_and_no_secret_token_or_signature(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []
    with CloudSimulator(seed="tests") as cloud, logged(tmp_path):
        client = LivingLink(living_account(cloud), token_folder=tmp_path, calls_per_s=0, retry=QUICK)
        ordinary = client._http._exchange

        def exchange(pool: Any, call: Any, signed: Any, deadline: Any) -> Any:
            sent.extend(value for name, value in signed.items() if "sign" in name.lower() or "token" in name.lower())
            return ordinary(pool, call, signed, deadline)

        monkeypatch.setattr(client._http, "_exchange", exchange)
        for ask in asked(client):
            with suppress(StationError):
                ask()
        wrong = LivingLink(
            living_account(cloud, app_secret="Wr0ngS3cretWr0ng"), token_folder=tmp_path / "w", retry=QUICK
        )
        with suppress(StationError):
            wrong.ping()
        known = [cloud.living_secret, "Wr0ngS3cretWr0ng", *sent]
    assert any(" cloud " in line and ", request " in line for line in lines(tmp_path)), lines(tmp_path)
    assert len(sent) > 2
    assert leaked(tmp_path, *known) == []


def asked(client: LivingLink) -> list[Callable[[], object]]:
    """Some that it answers, and one that it refuses."""
    return [client.ping, lambda: list(client.products()), lambda: client.page(BatchId("no such batch"), 1)]
