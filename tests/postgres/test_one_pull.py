# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches of a line that pull one batch: one does, the other waits and goes on where the first one was killed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from station.cloud.living.client import LivingAccount, LivingLink
from station.intake.generate import generate
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import Secret
from station.secrets.vault import Vault
from station.simulate.cloud import CloudSimulator
from tests.intake.intake_contents import of_cloud, of_ledger
from tests.started import start
from tests.waiting import until

AMOUNT, PAGE = 60, 5
KEY = bytes(range(32))
BENCHES = """
import os, signal, sys
from pathlib import Path
from station.cloud.living.client import LivingAccount, LivingLink
from station.intake.pull import How, Watcher, pull
from station.intake.wanted import find_batch
from station.ledger.postgres.connection import LineConnection
from station.ledger.store import Ledger
from station.model import Secret
from station.secrets.vault import Vault
where, cloud, key, secret, project, batch, size, folder, rests_at = sys.argv[1:]
def show(one):
    if one.done == int(rests_at):
        os.kill(os.getpid(), signal.SIGSTOP)
account = LivingAccount(url=cloud, app_key=key, app_secret=Secret(secret), project_id=project)
client = LivingLink(account, token_folder=Path(folder) / "tokens", calls_per_s=0)
place = LineConnection(where, Path(folder) / "line") if "://" in where else Path(where)
with Ledger(place, Vault(bytes(range(32)))) as ledger:
    report = pull(
        ledger, client, find_batch(ledger, batch, provider=client.provider), How(page_size=int(size)),
        Watcher(show=show, waiting=lambda: print("waiting", flush=True)),
    )
print("held", report.held, report.pages, flush=True)
"""


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="line") as simulator:
        yield simulator


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return str(tmp_path / "state" / "ledger.db")
    return str(request.getfixturevalue("server").url(request.getfixturevalue("database"), BENCH))


@pytest.fixture
def open_ledger(where: str, tmp_path: Path) -> Callable[[], Ledger]:
    return lambda: Ledger(LineConnection(where, tmp_path / "line") if "://" in where else Path(where), Vault(KEY))


@pytest.fixture
def batch(cloud: CloudSimulator, open_ledger: Callable[[], Ledger], tmp_path: Path) -> str:
    account = LivingAccount(
        url=cloud.url, app_key=cloud.living_key, app_secret=Secret(cloud.living_secret), project_id=cloud.project_id
    )
    client = LivingLink(account, token_folder=tmp_path / "tokens", calls_per_s=0)
    with open_ledger() as ledger:
        return generate(ledger, client, cloud.add_product("Fan").product_key, AMOUNT)


@pytest.fixture
def bench(cloud: CloudSimulator, where: str, batch: str, tmp_path: Path) -> Iterator[Callable[..., Bench]]:
    started: list[Bench] = []
    given = [where, cloud.url, cloud.living_key, cloud.living_secret, cloud.project_id, batch, str(PAGE), str(tmp_path)]

    def begin(*, rests_at: int = 0) -> Bench:
        """`rests_at`: with so many certificates it stands still, alive."""
        started.append(Bench([*given, str(rests_at)]))
        return started[-1]

    yield begin
    for one in started:
        one.process.kill()
        one.process.communicate()


class Bench:
    def __init__(self, given: list[str]) -> None:
        self.process = start([sys.executable, "-c", BENCHES, *given], stderr=2)

    def rests(self) -> bool:
        return Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    def says(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def says_at_last(self) -> str:
        said = ""
        while line := self.says():
            said = line
        assert self.process.wait(60) == 0
        return said


def test_a_killed_pull_is_taken_over_at_its_page(
    bench: Callable[..., Bench], open_ledger: Callable[[], Ledger], cloud: CloudSimulator, batch: str
) -> None:
    first = bench(rests_at=2 * PAGE)
    until(first.rests)
    second = bench()
    assert second.says() == "waiting"
    first.process.kill()
    first.process.wait()
    with open_ledger() as ledger:
        before = len(of_ledger(ledger))
    held, pages = second.says_at_last().split()[1:]
    assert before == 2 * PAGE
    assert (int(held), int(pages)) == (AMOUNT, (AMOUNT - before) // PAGE + 1), "the last page it had is asked again"
    with open_ledger() as ledger:
        assert of_ledger(ledger) == of_cloud(cloud, batch)
        ledger.audit.verify()


def test_who_waited_finds_it_done_and_asks_for_one_page(bench: Callable[..., Bench]) -> None:
    both = [bench(), bench()]
    said = [one.says_at_last() for one in both]
    assert sorted(int(line.split()[2]) for line in said) == [1, AMOUNT // PAGE]
