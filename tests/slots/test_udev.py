# SPDX-License-Identifier: GPL-3.0-or-later
"""The rules for a bench, as udev itself judges them, and the commands that print and install them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from station.cli import cli
from station.errors import StationFault
from station.targets.slots import SlotSpec
from station.targets.usb_rules import install_rules, link_of, rules

HUB = "pci-0000:00:14.0-usb-0:2"
SLOTS = [
    SlotSpec(name="1", path=f"{HUB}.1:1.0-port0"),
    SlotSpec(name="2", path=f"{HUB}.2"),
    SlotSpec(name="bridge", path=f"{HUB}.3:1.1-port2"),
    SlotSpec(name="net", path="socket://127.0.0.1:9000"),
    SlotSpec(name='左 "1"', path=f"{HUB}.4:1.0"),
]


def verifier() -> list[str] | None:
    """udev's own check: the system's if it has one (254 and later), else the one that get-udevadm fetched."""
    fetched = Path(__file__).parents[2] / "build" / "udevadm" / "bin" / "udevadm"
    for program in (shutil.which("udevadm"), str(fetched)):
        if program and Path(program).exists():
            known = subprocess.run([program, "verify", "--help"], capture_output=True, check=False).returncode == 0
            if known:
                return [program, "verify", "--no-summary", "--resolve-names=never"]
    return None


needs_udevadm = pytest.mark.skipif(verifier() is None, reason="needs udevadm verify: run tests/slots/get-udevadm")


def verify(text: str, folder: Path) -> subprocess.CompletedProcess[str]:
    file = folder / "60-station.rules"
    file.write_text(text)
    return subprocess.run([*(verifier() or []), str(file)], capture_output=True, text=True, check=False)


@needs_udevadm
@pytest.mark.parametrize("slots", [[], SLOTS])
def test_udev_accepts_the_rules(slots: list[SlotSpec], tmp_path: Path) -> None:
    judged = verify(rules(slots, group="uucp"), tmp_path)
    assert (judged.returncode, judged.stderr) == (0, "")


@needs_udevadm
@pytest.mark.parametrize("broken", ['ENV{ID_PATH}="x" SYMLINK=="y"\n', 'GOTO="nowhere"\n', 'SYMLNK+="x"\n'])
def test_udev_would_have_said_so(broken: str, tmp_path: Path) -> None:
    text = rules(SLOTS).replace("# station: slots\n", "# station: slots\n" + broken)
    assert verify(text, tmp_path).returncode != 0


def may_mount() -> bool:
    return subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode == 0


def systems_rules() -> Path | None:
    """What an ordinary PC's udev brings: fetched with its udevadm, or installed here."""
    fetched = Path(__file__).parents[2] / "build" / "udevadm" / "rules.d"
    installed = Path("/usr/lib/udev/rules.d")
    return next((folder for folder in (fetched, installed) if (folder / "60-serial.rules").exists()), None)


@needs_udevadm
@pytest.mark.skipif(not shutil.which("umockdev-wrapper"), reason="needs the Debian package umockdev")
@pytest.mark.skipif(not shutil.which("unshare") or not may_mount(), reason="needs root, to keep /dev as it is")
@pytest.mark.parametrize("beside_the_systems_own", [False, True])
def test_udev_gives_each_port_its_slots_name_and_a_stranger_none(tmp_path: Path, beside_the_systems_own: bool) -> None:
    systems = systems_rules() if beside_the_systems_own else tmp_path / "none"
    if systems is None:
        pytest.skip("needs udev's own rules: run tests/slots/get-udevadm")
    (tmp_path / "none").mkdir()
    (tmp_path / "ours").mkdir()
    socket = "pci-0000:00:14.0-usb-0"
    slots = [
        SlotSpec(name="1", path=f"{socket}:3:1.0"),
        SlotSpec(name="2", path=f"{socket}:4"),
        SlotSpec(name="3", path=f"{socket}:3:1.0-port2"),
    ]
    (tmp_path / "ours" / "60-station.rules").write_text(rules(slots))
    script = str(Path(__file__).with_name("mock_rules.py"))
    run = subprocess.run(
        ["umockdev-wrapper", sys.executable, script, (verifier() or [""])[0], str(tmp_path / "ours"), str(systems)],
        env={**os.environ, "TMPDIR": "/var/tmp"},  # the mocked /sys: /dev/shm would be mounted over
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    judged = json.loads(run.stdout)
    others = {port: [link for link in found["links"] if link.startswith("serial/")] for port, found in judged.items()}
    assert all(bool(links) is beside_the_systems_own for links in others.values()), "whose rules were these?"
    assert {port: [link for link in found["links"] if link not in others[port]] for port, found in judged.items()} == {
        "ttyUSB60": ["station/slot1"],
        "ttyUSB61": [],
        "ttyUSB62": ["station/slot3"],
        "ttyACM0": ["station/slot2"],
        "ttyUSB70": [],
    }
    for found in judged.values():
        assert found["mode"][-1] == "0660"
        assert found["environment"][1:] == ["ID_MM_DEVICE_IGNORE=1", "ID_MM_PORT_IGNORE=1"]


def test_each_usb_slot_has_one_line_with_its_topology_port_and_name() -> None:
    lines = [line for line in rules(SLOTS).splitlines() if "SYMLINK" in line]
    assert lines == [
        f'ENV{{ID_PATH}}=="{HUB}.1:1.0", ENV{{.STATION_PORT}}=="0", SYMLINK+="station/slot1"',
        f'ENV{{ID_PATH}}=="{HUB}.2:1.0", ENV{{.STATION_PORT}}=="0", SYMLINK+="station/slot2"',
        f'ENV{{ID_PATH}}=="{HUB}.3:1.1", ENV{{.STATION_PORT}}=="2", SYMLINK+="station/slotbridge"',
        f'ENV{{ID_PATH}}=="{HUB}.4:1.0", ENV{{.STATION_PORT}}=="0", SYMLINK+="station/slot@5"',
    ]


@pytest.mark.parametrize("name", ['1"', "../1", "a b", "名", "", "x" * 40, "a/b"])
def test_a_slots_name_never_breaks_out_of_its_line(name: str) -> None:
    assert link_of(SlotSpec(name=name, path=HUB), 7) == "station/slot@7"


def test_rules_keep_others_away_and_answers_quick() -> None:
    text = rules([])
    for words in ('ATTR{latency_timer}="1"', 'ENV{ID_MM_DEVICE_IGNORE}="1"', 'GROUP="dialout", MODE="0660"'):
        assert words in text


def configured(folder: Path) -> list[str]:
    file = folder / "station.toml"
    file.write_text(f'[[slot]]\nname = "1"\npath = "{HUB}.1:1.0"\n')
    return ["--config", str(file)]


def test_print_and_install_give_the_same_file(tmp_path: Path) -> None:
    target = tmp_path / "60-station.rules"
    options = configured(tmp_path)
    printed = CliRunner().invoke(cli, [*options, "udev", "print"])
    installed = CliRunner().invoke(cli, [*options, "udev", "install", "--file", str(target)])
    assert (printed.exit_code, installed.exit_code) == (0, 0)
    assert target.read_text() == printed.stdout == rules([SlotSpec(name="1", path=f"{HUB}.1:1.0")])
    assert target.stat().st_mode & 0o777 == 0o644


def test_installing_without_the_right_to_names_the_command_that_does_it(tmp_path: Path) -> None:
    with pytest.raises(StationFault) as fault:
        install_rules(SLOTS, tmp_path / "missing" / "x.rules", group="dialout")
    assert "sudo tee" in fault.value.do
