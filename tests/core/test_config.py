# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a setting comes from, and that a bad file is told in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from station.config.settings import load
from station.config.table import SETTINGS
from station.errors import ConfigError
from station.profiles.finding import find_profile
from station.profiles.profile import IdentityMode, load_profile, parse_profile
from station.targets import check_options


def write(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def test_flag_beats_environment_beats_file_beats_default(tmp_path: Path) -> None:
    file = write(tmp_path / "s.toml", '[bench]\nname = "file"\nlanguage = "zh"\nwrite_attempts = 3\n')
    environment = {"STATION_BENCH_NAME": "environment", "STATION_BENCH_LANGUAGE": "en"}
    config = load(file, {"bench.name": "flag"}, environment)
    seen = {key: (v.value, v.origin) for key, v in config.values.items()}
    assert seen["bench.name"] == ("flag", "flag")
    assert seen["bench.language"] == ("en", "STATION_BENCH_LANGUAGE")
    assert seen["bench.write_attempts"] == (3, str(file))
    assert seen["bench.keep_secrets"] == (False, "default")


def test_a_file_in_the_working_directory_is_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "station.toml", '[bench]\nname = "trap"\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "nowhere"))
    assert load(None, {}, {}).text("bench.name") == "bench-1"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[bench]\nnme = 1\n", "bench.nme is not a setting"),
        ("[bench]\nname = 1\n", "bench.name"),
        ('[bench]\nlanguage = "xx"\n', "one of en, zh"),
        ("[bench]\nwrite_attempts = 9\n", "1 to 5"),
        ("nonsense", "not TOML"),
        ('[[slot]]\nname = "1"\n', "a name and a path"),
        ('[[slot]]\nname="1"\npath="a"\n[[slot]]\nname="1"\npath="b"\n', "share"),
        ('[[slot]]\nname="*"\npath="a"\n', "all of them"),
        ("slot = 3\n", "list"),
    ],
)
def test_a_bad_file_says_what_is_wrong(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        load(write(tmp_path / "s.toml", text), {}, {})


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    file = write(tmp_path / "s.toml", '[bench]\nname = 1\nlanguage = "xx"\nwhat = 2\n')
    with pytest.raises(ConfigError) as caught:
        load(file, {}, {})
    assert all(key in caught.value.what for key in ("bench.name", "bench.language", "bench.what"))


def test_every_setting_says_what_it_means() -> None:
    assert all(s.meaning and s.variable.startswith("STATION_") for s in SETTINGS)


def test_a_profile_is_found_by_name_and_by_file(tmp_path: Path) -> None:
    file = write(tmp_path / "cam.toml", 'name = "cam"\ntarget = "agent"\nproducts = ["a1"]\nidentity = "nvr-set"\n')
    assert (
        find_profile("cam", tmp_path, check_options)
        == find_profile(str(file), tmp_path, check_options)
        == load_profile(file, check_options)
    )
    assert find_profile("cam", tmp_path, check_options).identity is IdentityMode.NVR_SET
    with pytest.raises(ConfigError, match="no profile"):
        find_profile("other", tmp_path, check_options)
    with pytest.raises(ConfigError, match="no profile"):
        find_profile("../cam", tmp_path / "sub", check_options)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({}, "“name” is missing; “target” is missing"),
        ({"name": "x", "target": "telepathy"}, "no target"),
        ({"name": "x", "target": "agent", "products": "a1"}, "“products” must be a list"),
        ({"name": "x", "target": "agent", "products": [1]}, "list of texts"),
        ({"name": "x", "target": "agent", "identity": "pair"}, "one of single"),
        ({"name": "x", "target": "agent", "colour": "red"}, "not a profile key"),
        ({"name": "x", "target": "agent", "agent": {"bauds": 1}}, "bauds"),
    ],
)
def test_a_bad_profile_says_which_key(table: dict[str, object], told: str) -> None:
    with pytest.raises(ConfigError, match=told):
        parse_profile(table, check_options, source="test")


@pytest.mark.parametrize(
    ("written", "read"), [(16, (16, 16)), ("16", (16, 16)), ("4-16", (4, 16)), (0, (0, 0)), (None, (0, 255))]
)
def test_a_profile_says_how_many_cameras_a_set_has(written: object, read: tuple[int, int]) -> None:
    table = {"name": "nvr", "target": "agent", "identity": "nvr-set", "agent": {}}
    profile = parse_profile(table if written is None else table | {"channels": written}, check_options, source="test")
    assert profile.channels == read


@pytest.mark.parametrize("written", [-1, 256, "16-4", "4-", "four", "4-300", True, 4.5, [4, 16]])
def test_channels_that_are_no_number_of_cameras_are_refused(written: object) -> None:
    table = {"name": "nvr", "target": "agent", "identity": "nvr-set", "agent": {}, "channels": written}
    with pytest.raises(ConfigError, match="channels"):
        parse_profile(table, check_options, source="test")


def test_channels_are_for_sets() -> None:
    table = {"name": "camera", "target": "agent", "agent": {}, "channels": 4}
    with pytest.raises(ConfigError, match="identity"):
        parse_profile(table, check_options, source="test")


@pytest.mark.parametrize("key", ["bench.plan", "line.plan"])
def test_nobody_plans_less_than_nothing(key: str) -> None:
    assert load(None, {key: "0"}, {}).number(key) == 0
    with pytest.raises(ConfigError, match=f"{key} must not be negative"):
        load(None, {key: "-1"}, {})
