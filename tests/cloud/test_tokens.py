# SPDX-License-Identifier: GPL-3.0-or-later
"""One cloudToken for all processes: nobody logs the others out."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from station.cloud.living.client import LivingLink
from station.cloud.living.tokens import Token, TokenCache, token_from
from station.errors import CloudGarbled, CloudRefused
from station.model import Secret
from station.simulate.cloud import CloudSimulator
from tests.cloud.cloud_clients import living_account

WORKER = """
import json, sys
from pathlib import Path
from station.cloud.living.client import LivingAccount, LivingLink
from station.model import Secret
given = json.load(sys.stdin)
account = LivingAccount(app_secret=Secret(given["secret"]), **given["account"])
living = LivingLink(account, token_folder=Path(given["folder"]), calls_per_s=0)
for _ in range(given["times"]):
    assert list(living.products()) == []
"""


def asked_for_token(cloud: CloudSimulator) -> Any:
    return [seen.path for seen in cloud.requests].count("/cloud/token")


def start_worker(cloud: CloudSimulator, folder: Path, times: Any) -> Any:
    account = living_account(cloud)
    fields = {"url": account.url, "app_key": account.app_key, "project_id": account.project_id}
    given = {"account": fields, "secret": cloud.living_secret, "folder": str(folder), "times": times}
    process = subprocess.Popen([sys.executable, "-c", WORKER], stdin=subprocess.PIPE)
    assert process.stdin
    process.stdin.write(json.dumps(given).encode())
    process.stdin.close()
    return process


def test_two_processes_ask_for_one_token(cloud: CloudSimulator, tmp_path: Path) -> None:
    workers = [start_worker(cloud, tmp_path, 20) for _ in range(2)]
    assert [worker.wait() for worker in workers] == [0, 0]
    assert asked_for_token(cloud) == 1


def test_when_the_token_dies_two_processes_ask_for_one_new_one(cloud: CloudSimulator, tmp_path: Path) -> None:
    cloud.add_faults("path=*/productList/get nth=15 do=kill-token")
    workers = [start_worker(cloud, tmp_path, 20) for _ in range(2)]
    assert [worker.wait() for worker in workers] == [0, 0]
    assert asked_for_token(cloud) == 2


def test_another_benchs_token_is_taken_over_instead_of_killed(
    cloud: CloudSimulator, connect: Callable[..., LivingLink]
) -> None:
    one, other = connect(), connect()
    list(one.products())
    cloud.world.cloud_tokens.clear()
    list(other.products())
    assert asked_for_token(cloud) == 2
    list(one.products())
    assert asked_for_token(cloud) == 2


def test_a_project_that_refuses_every_token_is_asked_twice_and_no_more(
    cloud: CloudSimulator, living: LivingLink
) -> None:
    cloud.add_faults("path=*/productList/get do=kill-token")
    with pytest.raises(CloudRefused):
        list(living.products())
    assert asked_for_token(cloud) == 2


@pytest.mark.parametrize("quirk", ["", "quirk=a4-401"])
def test_wrong_keys_do_not_cost_the_others_their_token(
    cloud: CloudSimulator, connect: Callable[..., LivingLink], tmp_path: Path, quirk: str
) -> None:
    list(connect().products())
    cloud.add_faults(quirk)
    with pytest.raises(CloudRefused):
        list(connect(app_secret="wrong").products())
    assert asked_for_token(cloud) == 1


def test_the_file_is_private_and_does_not_name_its_owner(
    cloud: CloudSimulator, living: LivingLink, tmp_path: Path
) -> None:
    list(living.products())
    for file in tmp_path.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert cloud.living_key not in file.name


@pytest.mark.parametrize("damage", ["{", "[]", '{"token": 5}', "\x00", ""])
def test_a_damaged_file_is_replaced(
    cloud: CloudSimulator, connect: Callable[..., LivingLink], tmp_path: Path, damage: str
) -> None:
    list(connect().products())
    [file] = tmp_path.glob("*.json")
    file.write_text(damage)
    list(connect().products())
    assert json.loads(file.read_text())["token"] in cloud.world.cloud_tokens


def test_a_file_others_can_read_is_not_used(
    cloud: CloudSimulator, connect: Callable[..., LivingLink], tmp_path: Path
) -> None:
    list(connect().products())
    [file] = tmp_path.glob("*.json")
    file.chmod(0o644)
    list(connect().products())
    assert asked_for_token(cloud) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


class Issuer:
    """Gives tokens 1, 2, …, and writes down what was asked."""

    def __init__(self, life_s: float = 100.0, refuses: bool = False) -> None:
        self.asked: list[str] = []
        self.life_s = life_s
        self.refuses = refuses

    def _token(self, how: Any) -> Any:
        self.asked.append(how)
        return Token(value=Secret(f"token-{len(self.asked)}"), issued_at=time.time(), life_s=self.life_s)

    def ask(self) -> Any:
        return self._token("new")

    def refresh(self, _old: Any) -> Any:
        if self.refuses:
            raise CloudRefused("no such token")
        return self._token("refreshed")

    def cache(self, folder: Path) -> TokenCache:
        return TokenCache(folder, ("owner",), ask=self.ask, refresh=self.refresh)


def aged(folder: Path, seconds: float) -> None:
    [file] = folder.glob("*.json")
    table = json.loads(file.read_text())
    file.write_text(json.dumps(table | {"issued_at": table["issued_at"] - seconds}))


@pytest.mark.parametrize(
    ("age_s", "refuses", "asked"),
    [
        (79, False, ["new"]),
        (81, False, ["new", "refreshed"]),
        (81, True, ["new", "new"]),
        (101, False, ["new", "new"]),
        (-60, False, ["new", "new"]),
    ],
)
def test_a_token_is_refreshed_at_four_fifths_of_its_life(tmp_path: Path, age_s: Any, refuses: bool, asked: Any) -> None:
    issuer = Issuer(refuses=refuses)
    issuer.cache(tmp_path).get()
    aged(tmp_path, age_s)
    issuer.cache(tmp_path).get()
    assert issuer.asked == asked


@pytest.mark.parametrize(
    ("data", "life_s"),
    [
        ({"cloudToken": "t", "expireIn": 7200000}, 7200),
        ({"cloudToken": "t", "expiresIn": 7200}, 7200),
        ({"iotToken": "t", "expiresIn": "3600"}, 3600),
        ({"cloudToken": "t"}, 7200),
        ({"cloudToken": "t", "expireIn": None}, 7200),
    ],
)
def test_lifetimes_come_in_seconds_and_milliseconds_under_two_names(data: Any, life_s: int) -> None:
    token = token_from(data, "token")
    assert (token.value.reveal(), token.life_s) == ("t", life_s)


@pytest.mark.parametrize("data", [None, [], {}, {"cloudToken": ""}, {"cloudToken": 5}, {"cloudToken": "a\nb"}])
def test_what_is_no_token_is_not_used(data: Any) -> None:
    with pytest.raises(CloudGarbled):
        token_from(data, "token")


@pytest.mark.parametrize("quirk", ["a3-expiresIn", "a3-seconds", "a3-iotToken"])
def test_the_clouds_spellings_over_http(cloud: CloudSimulator, living: LivingLink, quirk: str) -> None:
    cloud.add_faults(f"quirk={quirk}")
    assert list(living.products()) == []
