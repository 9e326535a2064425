# SPDX-License-Identifier: GPL-3.0-or-later
"""`station profile`: from a vendor's console to a profile that was tried on a board, without writing to it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from station.cli import cli
from station.codes import Exit
from station.errors import UsageError
from station.profiles import shipped
from station.simulate.console import ConsoleBoard, read_identity

Plug = Callable[..., ConsoleBoard]
Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    config = tmp_path / "station.toml"
    config.write_text('[bench]\nname = "b"\n')

    def station(*words: str) -> Result:
        return CliRunner().invoke(cli, ["--config", str(config), "profile", *words], standalone_mode=False)

    return station


@pytest.mark.parametrize("name", shipped.shipped_names())
def test_every_shipped_profile_can_be_copied_checked_and_used(name: str, run: Run, tmp_path: Path) -> None:
    assert run("new", "mine", "--like", name, "--product", "a1B2c3D4e5F").exit_code == 0
    checked = run("check", "mine", "--json")
    assert json.loads(checked.stdout)["profiles"] == [{"name": "mine", "faults": []}]
    assert checked.return_value is Exit.OK
    copied = (tmp_path / "profiles" / "mine.toml").read_text()
    assert shipped.text_of(name).splitlines()[0] == copied.splitlines()[0]
    assert 'products = ["a1B2c3D4e5F"]' in copied


def test_new_overwrites_nothing(run: Run) -> None:
    run("new", "mine", "--like", "at-idmau")
    again = run("new", "mine", "--like", "zephyr-settings")
    assert "exists already" in str(again.exception)
    assert run("show", "mine").stdout == shipped.copy_of("at-idmau", "mine", [])


@pytest.mark.parametrize("name", ["../mine", "a/b", "", "mine.toml/x"])
def test_a_name_stays_in_the_profiles_folder(name: str, run: Run, tmp_path: Path) -> None:
    assert run("new", name, "--like", "at-idmau").exception is not None
    assert not list(tmp_path.glob("*/**/*.toml")) and not list(tmp_path.glob("mine*"))


def test_check_tells_every_fault_of_every_file(run: Run, tmp_path: Path) -> None:
    run("new", "mine", "--like", "zephyr-settings")
    broken = tmp_path / "broken.toml"
    broken.write_text(
        shipped.text_of("at-idmau").replace("baud = 115200", 'baud = "x"').replace("[[console.read]]", "")
    )
    checked = run("check", "mine", str(broken), "--json")
    assert checked.return_value is Exit.USAGE
    told = json.loads(checked.stdout)["profiles"]
    assert told[0]["faults"] == ['it names no product: products = ["productKey"]']
    assert len(told[1]["faults"]) >= 1


def test_list_and_show_know_mine_and_the_shipped_ones(run: Run) -> None:
    run("new", "mine", "--like", "at-idmau", "--product", "p1")
    told = json.loads(run("list", "--json").stdout)["profiles"]
    assert {"name": "mine", "whose": "yours", "target": "console", "products": ["p1"]} in told
    assert {p["name"] for p in told if p["whose"] == "shipped"} == set(shipped.shipped_names())
    assert run("show", "esp-at-sysmfg").stdout == shipped.text_of("esp-at-sysmfg")


@pytest.mark.parametrize("name", ["zephyr-settings", "esp-at-sysmfg", "hiflying-prodevice"])
def test_try_tells_who_is_there_and_writes_nothing(name: str, run: Run, plug: Plug) -> None:
    board = plug(name)
    told = json.loads(run("try", name, "--port", board.url, "--json").stdout)
    assert told["uid"] == board.uid
    assert told["holds"] == "blank"
    assert not board.store.exists()
    assert read_identity(board.store, name) is None


def test_try_of_a_board_without_uid_asks_for_its_label(run: Run, plug: Plug) -> None:
    board = plug("at-idmau")
    refused = run("try", "at-idmau", "--port", board.url).exception
    assert isinstance(refused, UsageError)
    assert "--label" in refused.do
    told = json.loads(run("try", "at-idmau", "--port", board.url, "--label", "SN-0001", "--json").stdout)
    assert told["uid"] == "sn-0001"


def test_each_shipped_profile_says_which_boards_it_is_for(run: Run) -> None:
    told = json.loads(run("list", "--json").stdout)["profiles"]
    boards = [profile["boards"] for profile in told if profile["whose"] == "shipped"]
    assert len(set(boards)) == len(boards) > 10
    assert all(4 < len(text) < 80 and "\n" not in text for text in boards)
