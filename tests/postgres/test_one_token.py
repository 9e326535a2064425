# SPDX-License-Identifier: GPL-3.0-or-later
"""One cloud token for a line: a bench that asked for one of its own would log all others out."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import station
from station.cloud.iotda.client import Iotda, IotdaAccount
from station.cloud.iotda.iam import IamUser
from station.cloud.living.client import LivingLink
from station.ledger.postgres.connection import LineConnection
from station.ledger.server import BENCH
from station.ledger.store import Ledger
from station.model import Secret
from station.secrets.vault import Vault, rotated
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import QUICK, living_account
from tests.postgres.server import Server
from tests.raw import with_another_vault

KEY = bytes(range(32))
SOURCES = Path(station.__file__).parent
Open = Callable[[str], Ledger]


@pytest.fixture
def cloud() -> Iterator[CloudSimulator]:
    with CloudSimulator(seed="line") as simulator:
        yield simulator


@pytest.fixture
def open_ledger(server: Server, database: str, tmp_path: Path) -> Iterator[Open]:
    opened: list[Ledger] = []

    def open_as(bench: str) -> Ledger:
        connection = LineConnection(server.url(database, BENCH), tmp_path / bench / "line")
        opened.append(Ledger(connection, Vault(KEY), actor=bench))
        return opened[-1]

    yield open_as
    for one in opened:
        one.close()


def living(cloud: CloudSimulator, ledger: Ledger) -> LivingLink:
    link = LivingLink(living_account(cloud), token_folder=ledger.path.parent / "tokens", calls_per_s=0, retry=QUICK)
    return ledger.tokens.lend(link)


def asked(cloud: CloudSimulator) -> int:
    paths = [seen.path for seen in cloud.requests]
    return paths.count("/cloud/token") + paths.count("/cloud/token/refresh") + paths.count("/v3/auth/tokens")


def test_two_benches_use_one_token_and_a_refused_one_is_replaced_by_one_of_them(
    cloud: CloudSimulator, open_ledger: Open
) -> None:
    ledgers = [open_ledger("north"), open_ledger("south")]
    links = [living(cloud, ledger) for ledger in ledgers]
    for link in (*links, *links):
        list(link.products())
    assert asked(cloud) == 1
    cloud.world.cloud_tokens.clear()
    for link in (*links, *links):
        list(link.products())
    assert asked(cloud) == 2
    assert not any((ledger.path.parent / "tokens").exists() for ledger in ledgers)
    told = [line for line in ledgers[0].audit.log() if line.event == "cloud token renewed"]
    assert [line.actor for line in told] == ["north", "north"]
    assert ledgers[0].audit.verify() == ledgers[1].audit.verify()


def test_all_that_are_refused_at_once_ask_for_one(cloud: CloudSimulator, open_ledger: Open) -> None:
    ledgers = [open_ledger("north"), open_ledger("south")]
    asks, given = list[str](), list[Secret]()
    both = threading.Barrier(4)

    def ask() -> Secret:
        asks.append("")
        return Secret(f"token{len(asks)}")

    def need(ledger: Ledger) -> None:
        both.wait()
        given.append(ledger.tokens.token(("account",), ask, refused=Secret("token0")))

    threads = [threading.Thread(target=need, args=(ledger,)) for ledger in (*ledgers, *ledgers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(asks), {one.reveal() for one in given}) == (1, {"token1"})


def test_an_iam_token_is_the_lines_too(cloud: CloudSimulator, open_ledger: Open) -> None:
    user = IamUser(
        url=cloud.url,
        domain=cloud.iam_domain,
        name=cloud.iam_user,
        password=Secret(cloud.iam_password),
        region="cn-north-4",
    )
    account = IotdaAccount(url=cloud.url, project_id=cloud.iotda_project, auth=user)
    links = [open_ledger(bench).tokens.lend(Iotda(account, calls_per_s=0, retry=QUICK)) for bench in ("n", "s")]
    for link in links:
        list(link.products())
    assert asked(cloud) == 1
    cloud.world.iam_tokens.clear()
    for link in (*links, *links):
        list(link.products())
    assert asked(cloud) == 2


@pytest.mark.own_database
def test_the_server_and_its_log_never_see_it(
    cloud: CloudSimulator, server: Server, database: str, open_ledger: Open
) -> None:
    server.execute(f"ALTER DATABASE {database} SET log_statement = 'all'")
    server.execute(f"ALTER DATABASE {database} SET log_parameter_max_length = -1")
    ledger = open_ledger("north")
    list(living(cloud, ledger).products())
    (token,) = (one.encode() for one in cloud.world.cloud_tokens)
    with ledger.book.read() as db:
        rows = [tuple(row) for table in ("meta", "audit") for row in db.execute(f"SELECT * FROM {table}")]
    log, kept = server.log.read_bytes(), repr(rows).encode()
    assert b"cloud token " in log and b"cloud token renewed" in kept
    for form in (token, token.hex().encode(), base64.b64encode(token)):
        assert form not in log and form not in kept


def test_one_that_was_sealed_with_the_key_of_before_is_asked_for_anew(cloud: CloudSimulator, open_ledger: Open) -> None:
    ledger = open_ledger("north")
    link = living(cloud, ledger)
    list(link.products())
    with with_another_vault(ledger, Vault(rotated(KEY))):
        list(link.products())
    assert asked(cloud) == 2


def test_whoever_opens_a_cloud_beside_a_ledger_lends_it_the_lines_token() -> None:
    opens = re.compile(r"(?<!def )(?<!tokens\.lend\()\bopen_(?:certificates|products|batches|sets|registration)\(\w")
    files = (file for file in SOURCES.rglob("*.py") if SOURCES / "cloud" not in file.parents)
    own = {file.relative_to(SOURCES).as_posix() for file in files if opens.search(file.read_text("utf-8"))}
    assert own == {"cli/product.py", "guide/accounts.py"}, "the first lends it later, the second tries another account"


def test_a_file_keeps_its_pcs_own(cloud: CloudSimulator, tmp_path: Path) -> None:
    with Ledger(tmp_path / "state" / "ledger.db", Vault(KEY)) as ledger:
        list(living(cloud, ledger).products())
    assert (tmp_path / "state" / "tokens").exists()
