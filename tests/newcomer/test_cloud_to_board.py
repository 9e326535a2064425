# SPDX-License-Identifier: GPL-3.0-or-later
"""A newcomer's walk with the simulated cloud: paste its settings, ask the doctor, make, pull, flash, account."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.cloud.clouds import CLOUDS
from tests.newcomer.newcomer_home import Home

UID = "5a00000000000001"


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A fresh station whose station.toml was continued with what the simulator prints, and one simulated board."""
    here = Home(tmp_path_factory.mktemp("line"))
    here.ok("init", "--file", "station.toml", "--state-dir", "state")
    settings = here.folder / "station.toml"
    printed = here.start(str(here.bin / "station"), "simulate", "cloud", "--secrets", "state")
    process = here.started[-1]
    assert process.stdout
    while "access_key" not in printed.partition("[cloud.aliyun_iot]")[2]:
        printed += process.stdout.readline()
    settings.write_text(settings.read_text() + printed)
    here.start(str(here.bin / "station"), "simulate", "board", "--uid", UID)
    yield here
    here.leave()


@pytest.fixture(scope="module")
def products(line: Home) -> dict[str, str]:
    """Name → productKey."""
    return {str(p["name"]): str(p["product_key"]) for p in line.lines("product", "list", "--json")}


@pytest.fixture(scope="module")
def batch(line: Home, products: dict[str, str]) -> str:
    """Generated, pulled, and one board flashed from it."""
    made = line.lines("batch", "generate", "--yes", "--product", products["Fan"], "--amount", "2", "--json")[-1]
    line.ok("pull", str(made["batch"]))
    line.ok("profile", "new", "fan", "--like", "agent", "--product", products["Fan"])
    done = line.lines("flash", "--profile", "fan", "--port", "ttyBOARD", "--json")[-1]
    assert (done["passed"], done["ready"]) == (1, 1)
    return str(made["batch"])


def test_after_init_and_the_simulators_lines_nothing_of_this_station_is_wrong(line: Home) -> None:
    done = line.station("doctor", "--json")
    [report] = [json.loads(text) for text in done.stdout.splitlines()]
    levels = {finding["check"]: finding["level"] for finding in report["findings"]}
    assert {levels[check] for check in ("config", "key", "ledger", "cloud")} == {"ok"}


@pytest.mark.parametrize(
    "words",
    [
        *("status", "certs", "show " + UID, "audit verify", "report export", "report batch BATCH", "batch list"),
        *("batch show BATCH", "product list", "product show FAN", "pull BATCH", "profile list", "profile check fan"),
        *("profile try fan --port ttyBOARD", "config show", "doctor", "slots", "resolve"),
    ],
)
def test_what_is_read_by_people_is_read_by_programs_too(
    words: str, line: Home, products: dict[str, str], batch: str
) -> None:
    given = words.replace("BATCH", batch).replace("FAN", products["Fan"]).split()
    told = [json.loads(text) for text in line.station(*given, "--json").stdout.splitlines()]
    assert told or words == "resolve"
    assert {item["schema"] for item in told} <= {1}
    assert "ecret" not in "".join(key for item in told for key in item)


def test_a_product_id_nobody_knows_leaves_no_plan_behind(line: Home) -> None:
    done = line.station("batch", "register", "--yes", "--product", "0123456789abcdef01234567", "--amount", "3")
    assert (done.returncode, "not found" in done.stderr) == (4, True), done.stderr
    assert "to register" not in line.ok("batch", "list")


def test_iotda_from_product_to_board(line: Home) -> None:
    spec = {"name": "Lamp", "device_type": "Lamp", "protocol_type": "MQTT", "data_format": "json"}
    (line.folder / "lamp.json").write_text(json.dumps(spec | {"service_capabilities": []}))
    line.ok("product", "create", "--cloud", "iotda", "--dry-run", "lamp.json")
    made = line.lines("product", "create", "--cloud", "iotda", "lamp.json", "--json")[-1]
    assert str(made["created"])[4:5] == "-"
    line.ok("batch", "register", "--yes", "--product", str(made["product_key"]), "--amount", "1")
    line.ok("profile", "new", "lamp", "--like", "agent", "--product", str(made["product_key"]))
    line.start(str(line.bin / "station"), "simulate", "board", "--uid", "5a0000000000000a", "--link", "ttyLAMP")
    assert line.lines("flash", "--profile", "lamp", "--port", "ttyLAMP", "--json")[-1]["passed"] == 1


def test_a_port_that_is_not_there_is_called_that(line: Home, batch: str) -> None:
    assert batch
    for port in ("nowhere", "/dev/ttyUSB77"):
        done = line.station("flash", "--profile", "fan", "--port", port)
        assert (done.returncode, done.stderr.splitlines()[0]) == (2, f"E115 there is no port {port}")


def test_the_simulators_secrets_are_private_files(line: Home) -> None:
    files = list(Path(line.folder, "state").glob("*.secret"))
    assert {file.stem for file in files} == {cloud.account.section.removeprefix("cloud.") for cloud in CLOUDS.values()}
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_the_history_of_an_nvr_with_its_cameras_is_told_once(line: Home, products: dict[str, str]) -> None:
    made = line.lines("batch", "generate-nvr", "--yes", "--product", products["NVR"], "--amount", "1", "--json")[-1]
    line.ok("pull", str(made["batch"]))
    line.ok("profile", "new", "nvr", "--like", "agent", "--product", products["NVR"])
    line.start(str(line.bin / "station"), "simulate", "board", "--uid", "5a0000000000000b", "--link", "ttyNVR")
    refused = line.station("flash", "--profile", "nvr", "--port", "ttyNVR")
    assert (refused.returncode, 'identity = "nvr-set"' in refused.stderr) == (5, True), refused.stderr
    profile = line.folder / "profiles" / "nvr.toml"
    profile.write_text(profile.read_text().replace('# identity = "nvr-set"', 'identity = "nvr-set"'))
    assert line.lines("flash", "--profile", "nvr", "--port", "ttyNVR", "--json")[-1]["passed"] == 1
    told = line.ok("show", "5a0000000000000b").splitlines()
    assert sum("RESERVED → WRITING" in text for text in told) == 1
    assert sum("with channel" in text for text in told) == 16
