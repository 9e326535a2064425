# SPDX-License-Identifier: GPL-3.0-or-later
"""`station slots` and learning slots by plugging one board at a time."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import cli
from station.config import edit
from station.config.edit import keep_profile
from station.config.settings import load
from station.errors import ConfigError, PortFault
from station.targets.learning import learn_port
from station.targets.slots import SeenPort, same_port

HUB = "pci-0000:00:14.0-usb-0:2"


See = Callable[..., None]
keep_port = partial(edit.keep_port, same=same_port)


@pytest.fixture
def see(monkeypatch: pytest.MonkeyPatch) -> See:
    """Let the scan see these topologies, one list a look; the last one stays."""
    monkeypatch.setattr("station.targets.learning._LOOK_S", 0.0)

    def script(*looks: list[str]) -> None:
        left = list(looks)

        def scan() -> list[SeenPort]:
            topologies = left.pop(0) if len(left) > 1 else left[0]
            return [SeenPort(device=f"/dev/x{n}", topology=topology) for n, topology in enumerate(topologies)]

        monkeypatch.setattr("station.targets.usb.scan", scan)

    return script


@pytest.fixture
def config(tmp_path: Path) -> Path:
    file = tmp_path / "station.toml"
    file.write_text('# my bench\n[bench]\nname = "b1" # the red one\n')
    return file


@pytest.mark.parametrize(
    ("steps", "learned"),
    [
        (([], [], [f"{HUB}.1:1.0"]), f"{HUB}.1:1.0"),
        (([f"{HUB}.1:1.0"], [f"{HUB}.1:1.0", f"{HUB}.2:1.0"]), f"{HUB}.2:1.0"),
        (([], [""], ["", f"{HUB}.1:1.0"]), f"{HUB}.1:1.0"),
        (([], [f"{HUB}.1:1.1", f"{HUB}.1:1.0"]), f"{HUB}.1:1.0"),
    ],
)
def test_the_port_that_appears_is_the_slot(steps: tuple[list[str], ...], learned: str, see: See) -> None:
    see(*steps)
    assert learn_port(wait_s=1.0) == learned


def test_two_boards_at_once_teach_nothing(see: See) -> None:
    see([], [f"{HUB}.1:1.0", f"{HUB}.2:1.0"])
    with pytest.raises(PortFault, match="more than one"):
        learn_port(wait_s=1.0)


def test_nothing_plugged_in_ends_with_the_next_step(see: See) -> None:
    see([])
    with pytest.raises(PortFault) as fault:
        learn_port(wait_s=0.05)
    assert "station doctor" in fault.value.do


def test_a_learned_slot_is_kept_beside_the_users_comments(config: Path) -> None:
    config.chmod(0o600)
    keep_port(config, "1", f"{HUB}.1:1.0")
    keep_port(config, "2", f"{HUB}.2:1.0")
    keep_port(config, "1", f"{HUB}.3:1.0")
    assert [(s.name, s.path) for s in load(config, environment={}).slots] == [
        ("1", f"{HUB}.3:1.0"),
        ("2", f"{HUB}.2:1.0"),
    ]
    assert "# the red one" in config.read_text()
    assert config.stat().st_mode & 0o777 == 0o600


def test_one_socket_is_not_two_slots(config: Path) -> None:
    keep_port(config, "1", f"{HUB}.1:1.0")
    with pytest.raises(ConfigError, match="slot 1 already"):
        keep_port(config, "2", f"{HUB}.1:1.0-port0")


@pytest.mark.parametrize("name", ["*", ""])
def test_a_name_that_no_slot_has_leaves_the_file_as_it_was(config: Path, name: str) -> None:
    before = config.read_text("utf-8")
    with pytest.raises(ConfigError, match="slot"):
        keep_port(config, name, f"{HUB}.1:1.0")
    assert (config.read_text("utf-8"), list(config.parent.glob("*.new"))) == (before, [])
    load(config, {}, {})


def test_slots_lists_what_is_where_and_what_is_skipped(config: Path, see: See) -> None:
    keep_port(config, "1", f"{HUB}.1:1.0")
    keep_port(config, "2", f"{HUB}.2:1.0")
    see([f"{HUB}.1:1.0", f"{HUB}.9:1.0"])
    result = CliRunner().invoke(cli, ["--config", str(config), "slots", "--json"])
    told = json.loads(result.stdout)
    assert [(slot["name"], slot["device"]) for slot in told["slots"]] == [("1", "/dev/x0"), ("2", None)]
    assert [port["path"] for port in told["skipped"]] == [f"{HUB}.9:1.0"]
    assert told["schema"] == 1
    plain = CliRunner().invoke(cli, ["--config", str(config), "slots"]).stdout
    assert "empty" in plain and f"{HUB}.9:1.0" in plain


def test_assign_learns_in_the_order_of_the_names(config: Path, see: See) -> None:
    first, both = [f"{HUB}.1:1.0"], [f"{HUB}.1:1.0", f"{HUB}.2:1.0"]
    see([], first, first, both)
    result = CliRunner().invoke(cli, ["--config", str(config), "slots", "assign", "A", "B", "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["assigned"] == [
        {"name": "A", "path": f"{HUB}.1:1.0"},
        {"name": "B", "path": f"{HUB}.2:1.0"},
    ]


def test_the_chosen_profile_is_kept_among_the_users_own_words(tmp_path: Path) -> None:
    config = tmp_path / "station.toml"
    config.write_text('# ours\n[bench]\nname = "b1"  # painted on it\nprofile = "old"\n\n[vault]\n', "utf-8")
    keep_profile(config, "new")
    assert config.read_text("utf-8") == '# ours\n[bench]\nname = "b1"  # painted on it\nprofile = "new"\n\n[vault]\n'
    config.write_text("", "utf-8")
    keep_profile(config, "new")
    assert config.read_text("utf-8") == '[bench]\nprofile = "new"\n'


@pytest.mark.parametrize(
    "keep", [lambda file: keep_port(file, "1", f"{HUB}.1:1.0"), lambda file: keep_profile(file, "new")]
)
def test_a_file_that_cannot_be_changed_is_said_and_stays_as_it_is(tmp_path: Path, keep: Callable[[Path], None]) -> None:
    config = tmp_path / "station.toml"
    with pytest.raises(ConfigError, match="no config file"):
        keep(config)
    config.write_text("[bench", "utf-8")
    with pytest.raises(ConfigError, match="not TOML"):
        keep(config)
    config.write_text('[bench]\nlanguage = "xx"\n', "utf-8")
    with pytest.raises(ConfigError, match=r"bench\.language"):
        keep(config)
    config.write_text('[bench]\nname = "b1"\n', "utf-8")
    (tmp_path / "station.toml.new").mkdir()  # in its way
    with pytest.raises(ConfigError, match="cannot be changed: Is a directory") as told:
        keep(config)
    assert (told.value.code, config.read_text("utf-8")) == ("E110", '[bench]\nname = "b1"\n')
