# SPDX-License-Identifier: GPL-3.0-or-later
"""A Huawei account, ESP32-C3 with encrypted NVS: lamps, and an NVR with its cameras, once on one board and once on a
board each: 16 cameras, and five in `make test`. From an empty folder, by what `station help clouds`,
`station help profiles`, `station profile keys` and the commands' own help say.

Its neighbour, a module from its one-page manual, is tests/newcomer/test_manual_with_a_password.py.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

from station.codes import Exit
from tests import sampled
from tests.newcomer.newcomer_home import Home
from tests.stories import flashes

ENCRYPTED = 'preset = "iotda"\nnvs_encryption = "keys-partition"'
CAMERAS = 16 if sampled.WHOLE else 5
MEMBERS = CAMERAS + 1
LAMPS, WHOLE = ("ttyL1", "ttyL2"), "ttyWHOLE"
SPREAD = tuple(f"ttyM{n}" for n in range(1, MEMBERS + 1))
"""Boards that become cameras, in whatever order, and the one that is left for their NVR."""
BOARDS = (*LAMPS, WHOLE, *SPREAD)


def begin(home: Home) -> Path:
    """A station and its account in the simulated cloud; the file in which that cloud keeps what is true."""
    home.ok("init", "--file", "station.toml", "--state-dir", "state")
    settings = home.folder / "station.toml"
    cloud = ("simulate", "cloud", "--state", "cloud.json", "--secrets", "state")
    printed = home.start(str(home.bin / "station"), *cloud)
    said = home.started[-1].stdout
    assert said
    while "access_key" not in printed.partition("[cloud.iotda]")[2]:
        printed += said.readline()
    settings.write_text(settings.read_text() + printed)
    return home.folder / "cloud.json"


def product(home: Home, name: str) -> str:
    spec = {"name": name, "device_type": name, "protocol_type": "MQTT", "data_format": "json"}
    (home.folder / f"{name}.json").write_text(json.dumps(spec | {"service_capabilities": []}))
    return str(home.lines("product", "create", "--cloud", "iotda", f"{name}.json", "--json")[-1]["product_key"])


def register(home: Home, *words: str) -> str:
    told = home.lines("batch", "register", "--cloud", "iotda", "--yes", *words, "--json")[-1]
    return str(told["batch"])


def write_profile(home: Home, name: str, products: tuple[str, ...], more: str = "", channels: str = "") -> None:
    """A copy of a shipped profile, with what `station profile keys` says of encryption, sets and members."""
    named = [word for one in products for word in ("--product", one)]
    home.ok("profile", "new", name, "--like", "esp-nvs-iotda", *named)
    file = home.folder / "profiles" / f"{name}.toml"
    text = file.read_text().replace('preset = "iotda"', ENCRYPTED)
    assert ENCRYPTED in text
    file.write_text(text.replace("[esp-nvs]", f"{more}\n[esp-nvs]") + channels)
    assert home.ok("profile", "check", name) == f"{name}: ok\n"


def plug(home: Home, *links: str) -> None:
    (home.folder / "partitions.csv").write_text(flashes.TABLE)
    for link in links:
        number = 0x5A0000000000 + len(home.started)
        board = ("simulate", "esp", "--mac", f"{number:012x}", "--link", link, "--partitions", "partitions.csv")
        assert "esp32c3" in home.start(str(home.bin / "station"), *board)


def flash(home: Home, profile: str, *links: str) -> tuple[int, dict[str, Any]]:
    """How it ended, and the run's summary."""
    ports = [word for link in links for word in ("--port", link)]
    done = home.station("flash", "--profile", profile, *ports, "--json")
    summary: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return done.returncode, summary


def passed(home: Home, profile: str, *links: str) -> int:
    """All of them pass, and no certificate is lost on the way; how many are on boards by now."""
    code, summary = flash(home, profile, *links)
    assert (code, summary["passed"]) == (Exit.OK, len(links)), summary
    [status] = home.lines("status", "--json")
    states = cast("dict[str, int]", status["certificates"])
    assert states["CONSUMED"] == summary["consumed"] == len(held(home, *BOARDS))
    assert (
        sum(states.values()) == states["CONSUMED"] + states["READY"] == status["received"] == len(LAMPS) + 2 * MEMBERS
    )
    return states["CONSUMED"]


def held(home: Home, *links: str) -> list[dict[str, str]]:
    return [one for link in links for one in flashes.held(home.folder / f"{link}.flash")]


def known_to_the_cloud(cloud: Path) -> list[tuple[str, str, str]]:
    devices = json.loads(cloud.read_text())["devices"].values()
    return sorted((one["product_id"], one["device_id"], one["secret"]) for one in devices)


def test_lamps_and_an_nvr_with_its_cameras_on_one_board_and_on_a_board_each(home: Home) -> None:
    cloud = begin(home)
    lamp, nvr, camera = (product(home, name) for name in ("Lamp", "Recorder", "Camera"))
    write_profile(home, "lamp", (lamp,))
    fits = f"channels = {CAMERAS}"
    write_profile(home, "whole", (nvr,), f'identity = "nvr-set"\n{fits}', '\n[esp-nvs.channels]\ncount = "Channels"\n')
    write_profile(home, "members", (nvr, camera), f'identity = "nvr-members"\n{fits}')
    register(home, "--product", lamp, "--amount", str(len(LAMPS)))
    wanted = ("--product", nvr, "--channels", str(CAMERAS), "--camera-product", camera)
    sets = register(home, *wanted, "--amount", "2")

    plug(home, *BOARDS, "ttyLATE")
    assert passed(home, "lamp", *LAMPS) == len(LAMPS)
    assert passed(home, "whole", WHOLE) == len(LAMPS) + MEMBERS
    assert passed(home, "members", *SPREAD[:-1]) == len(LAMPS) + MEMBERS + CAMERAS
    assert passed(home, "members", SPREAD[-1]) == len(LAMPS) + 2 * MEMBERS

    on_boards = held(home, *BOARDS)
    assert sorted((one["product_id"], one["device_id"], one["secret"]) for one in on_boards) == known_to_the_cloud(
        cloud
    )
    for links in ([WHOLE], [SPREAD[-1], *SPREAD[:-1]]):
        carried = held(home, *links)
        assert [one["product_id"] for one in carried] == [nvr] + [camera] * CAMERAS
        of_set = {one["device_id"].partition("_")[2].partition("-")[0] for one in carried}
        assert len(of_set) == 1, "cameras of another NVR"
    assert len({flashes.key_of(home.folder / f"{link}.flash") for link in BOARDS}) == len(BOARDS)
    see_the_end(home, sets)


def see_the_end(home: Home, sets: str) -> None:
    """What a second go, a board too many, the reports and the cloud say."""
    for profile, link in (("lamp", LAMPS[0]), ("whole", WHOLE), ("members", SPREAD[0]), ("members", SPREAD[-1])):
        code, summary = flash(home, profile, link)
        assert (code, summary["already_done"], summary["passed"]) == (Exit.OK, 1, 0)
    for profile in ("lamp", "whole", "members"):
        assert flash(home, profile, "ttyLATE")[0] == Exit.NO_CERTIFICATES
    assert held(home, "ttyLATE") == []

    [report] = home.lines("report", "batch", sets, "--json")
    assert (report["received"], report["boards"], report["complete"]) == (2 * MEMBERS, 1 + MEMBERS, True)
    assert report["proofs"] == {"readback": 2 * MEMBERS}
    told = home.ok("report", "batch", sets)
    assert not [one["secret"] for one in held(home, *BOARDS) if one["secret"] in told]
    home.ok("audit", "verify")
    home.ok("reconcile", "--all")
