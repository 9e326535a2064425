# SPDX-License-Identifier: GPL-3.0-or-later
"""A target of another package, without a fork: found by its entry point, held to the contract by shipped tests."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

import pytest

from station import targets
from station.codes import Exit
from station.testing.targets import TargetConformance
from tests.newcomer.newcomer_home import Home
from tests.newcomer.relay.relay_board import RelayBoard
from tests.newcomer.relay.relay_target import RelaySession, RelayTarget

RELAY = Path(__file__).parent / "relay"
UID = "4e1a000000000001"
PROFILE = 'name = "relay"\ntarget = "relay"\nproducts = ["a1B2c3D4e5F"]\n[relay]\nanswer_s = 1.5\n'


class TestRelay(TargetConformance):
    target = RelayTarget()
    table: ClassVar = {"name": "relay", "target": "relay", "products": ["a1B2c3D4e5F"], "relay": {"answer_s": 0.5}}

    def plug(self, folder: Path, number: int) -> RelayBoard:
        return RelayBoard(folder / f"tty{number}", folder / f"{number}.json", f"4e1a{number:012x}")


Install = Callable[..., None]


@pytest.fixture
def install(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """For the commands in this process and for others."""

    def put(target: str = "relay_target:RelayTarget", *, name: str = "relay") -> None:
        put_in_its_place(home, target, name)
        monkeypatch.syspath_prepend(home.folder / "site")
        monkeypatch.delitem(sys.modules, "relay_target", raising=False)
        targets._of_packages.cache_clear()

    yield put
    targets._of_packages.cache_clear()


def put_in_its_place(home: Home, target: str, name: str) -> None:
    """As pip leaves a package behind: a module, and its metadata with the entry point."""
    site = home.folder / "site"
    about = site / "relay_station-1.0.dist-info"
    about.mkdir(parents=True)
    shutil.copy(RELAY / "relay_target.py", site)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: relay-station\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[station.targets]\n{name} = {target}\n")
    home.environment["PYTHONPATH"] = str(site)
    (home.folder / "profiles" / "relay.toml").write_text(PROFILE)


def test_a_target_takes_fewer_than_80_lines() -> None:
    assert len((RELAY / "relay_target.py").read_text().splitlines()) < 80


def test_it_is_found_by_its_entry_point_and_flashes(home: Home, install: Install) -> None:
    install()
    home.environment["PYTHONPATH"] += f":{Path(__file__).parents[2]}"
    home.start(sys.executable, str(RELAY / "relay_board.py"), "ttyRELAY", "store.json", UID)
    assert "answer_s = 2.0" in home.ok("profile", "keys", "relay")
    assert home.ok("profile", "check", "relay") == "relay: ok\n"
    tried = home.lines("profile", "try", "relay", "--port", "ttyRELAY", "--json")[0]
    assert (tried["uid"], tried["holds"]) == (UID, "blank")
    flash = ("flash", "--profile", "relay", "--port", "ttyRELAY", "--json")
    first = home.lines(*flash)
    home.by_processes = True
    again = home.lines(*flash)
    assert [first[-2]["state"], again[-2]["state"]] == ["PASS", "ALREADY_DONE"]
    held = ["a1B2c3D4e5F", "camera0001", "0123456789abcdef0123456789abcdef"]
    assert json.loads((home.folder / "store.json").read_text()) == held


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("nowhere_at_all:Target", "ModuleNotFoundError at import"),
        ("relay_target:found", "has no check_options and no open"),
        ("relay_target:Missing", "AttributeError at import"),
    ],
)
def test_a_package_that_cannot_be_used_is_named(target: str, says: str, home: Home, install: Install) -> None:
    install(target)
    refused = home.station("profile", "check", "relay")
    assert refused.returncode == Exit.USAGE
    assert "the target “relay” of relay-station cannot be used" in refused.stdout
    assert says in refused.stdout


def test_no_package_takes_the_place_of_a_target_of_ours(home: Home, install: Install) -> None:
    install(name="agent")
    home.environment.pop("PYTHONPATH")
    home.start(str(home.bin / "station"), "simulate", "board", "--uid", "5a00000000000001")
    home.ok("profile", "new", "one", "--like", "agent", "--product", "a1B2c3D4e5F")
    assert home.lines("flash", "--profile", "one", "--port", "ttyBOARD", "--json")[-1]["passed"] == 1
    unknown = home.station("profile", "check", "relay")
    assert (unknown.returncode, "there is no target “relay”" in unknown.stdout) == (Exit.USAGE, True)


def test_the_conformance_tests_miss_no_promise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each broken in turn, and one of them fails."""
    kit = TestRelay()
    broken = {
        "write": lambda _self, _identity, progress: progress(0.0),
        "require_room": lambda _self, _identity: None,
        "restart": lambda self: Path(self.port.url.replace("tty", "") + ".json").write_text("null"),
    }
    for number, (method, instead) in enumerate(broken.items()):
        with monkeypatch.context() as patch:
            patch.setattr(RelaySession, method, instead)
            failed = 0
            for test in [getattr(kit, name) for name in dir(kit) if name.startswith("test_")]:
                folder = tmp_path / f"{number}-{test.__name__}"
                folder.mkdir()
                try:
                    test(*([folder] if "tmp_path" in test.__code__.co_varnames else []))
                except Exception:
                    failed += 1
            assert failed, method
