# SPDX-License-Identifier: GPL-3.0-or-later
"""What the doctor finds on a PC, told from trees as the kernel and the distribution lay them."""

import os
import pty
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from station.doctor import Finding, Level, examine, machine
from station.errors import ConfigError
from station.targets.slots import SeenPort


def put(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")


def usb_device(root: Path, vendor: str, *, driver: bool, interface_class: str = "ff") -> None:
    device = "sys/bus/usb/devices/1-2"
    put(root, {f"{device}/idVendor": vendor, f"{device}/1-2:1.0/bInterfaceClass": interface_class})
    if driver:
        (root / device / "1-2:1.0/driver").symlink_to(root)


@pytest.mark.parametrize(
    ("vendor", "module"), [("0403", "ftdi_sio"), ("10c4", "cp210x"), ("1a86", "ch341"), ("067b", "pl2303")]
)
def test_an_adapter_without_its_driver_is_named_with_the_command(vendor: str, module: str, tmp_path: Path) -> None:
    usb_device(tmp_path, vendor, driver=False)
    (finding,) = machine.drivers(tmp_path)
    assert finding.level is Level.WRONG
    assert f"modprobe {module}" in finding.do


def test_an_adapter_with_a_driver_and_a_foreign_device_are_left_alone(tmp_path: Path) -> None:
    usb_device(tmp_path, "10c4", driver=True)
    assert list(machine.drivers(tmp_path)) == []
    other = tmp_path / "other"
    usb_device(other, "046d", driver=False)
    assert list(machine.drivers(other)) == []


@pytest.mark.parametrize(("milliseconds", "found"), [("16", 1), ("2", 1), ("1", 0), ("", 0), ("x", 0)])
def test_ftdi_latency_above_one_is_told(milliseconds: str, found: int, tmp_path: Path) -> None:
    put(tmp_path, {"sys/bus/usb-serial/devices/ttyUSB0/latency_timer": milliseconds})
    findings = list(machine.latency(tmp_path))
    assert len(findings) == found
    assert all("ttyUSB0" in f.what and "/sys/bus" in f.do for f in findings)


def test_modemmanager_is_an_intruder_until_the_rules_are_installed(tmp_path: Path) -> None:
    put(tmp_path, {"proc/77/comm": "ModemManager"})
    (finding,) = machine.intruders(tmp_path)
    assert (finding.check, finding.level) == ("ModemManager", Level.WRONG)
    put(tmp_path, {"etc/udev/rules.d/60-station.rules": 'ENV{ID_MM_DEVICE_IGNORE}="1"'})
    assert list(machine.intruders(tmp_path)) == []


@pytest.mark.parametrize(
    ("files", "level"),
    [
        ({"proc/9/comm": "brltty"}, Level.WRONG),
        ({"usr/lib/udev/rules.d/90-brltty-device.rules": "x"}, Level.WARNING),
        ({"lib/udev/rules.d/85-brltty.rules": "x"}, Level.WARNING),
    ],
)
def test_brltty_is_named_before_it_takes_an_adapter(files: dict[str, str], level: Level, tmp_path: Path) -> None:
    put(tmp_path, files)
    (finding,) = machine.intruders(tmp_path)
    assert (finding.check, finding.level) == ("brltty", level)
    assert "mask" in finding.do


def test_a_quiet_machine_has_no_intruders(tmp_path: Path) -> None:
    put(tmp_path, {"proc/1/comm": "systemd"})
    assert list(machine.intruders(tmp_path)) == []


@pytest.fixture
def terminal() -> Iterator[str]:
    ours, theirs = pty.openpty()
    yield os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_the_program_that_holds_a_port_is_named(terminal: str, tmp_path: Path) -> None:
    script = (
        f"open({terminal!r}).fileno(); import sys; f = open({terminal!r}); print('open', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        link = tmp_path / "slot1"
        link.symlink_to(terminal)
        (finding,) = machine.busy_ports([str(link)])
        assert f"(pid {holder.pid})" in finding.what
    finally:
        holder.communicate()
    assert str(holder.pid) not in "".join(f.what for f in machine.busy_ports([terminal]))


def test_a_port_that_may_not_be_opened_names_its_group(terminal: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: path != terminal)  # tests run as root, who may all
    port = SeenPort(device=terminal, topology="usb-1-1")
    (finding,) = machine.permission([port])
    assert finding.level is Level.WRONG
    assert "usermod -aG" in finding.do
    assert list(machine.permission([SeenPort(device="/dev/null", topology="")])) == []


def test_a_clock_that_went_back_is_wrong() -> None:
    (finding,) = machine.clock(now=1000.0, newest=5000.0)
    assert finding.level is Level.WRONG
    assert "4000 s behind" in finding.what


@pytest.mark.parametrize(("free", "levels"), [(50 << 20, [Level.WRONG]), (500 << 20, [Level.WARNING]), (2 << 30, [])])
def test_a_full_disk_is_told_in_time(
    free: int, levels: list[Level], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage._replace(free=free))
    assert [f.level for f in machine.disk(tmp_path / "not" / "yet")] == levels


def test_every_check_is_made_whatever_another_one_found() -> None:
    def fails() -> Iterator[Finding]:
        yield Finding(check="a", level=Level.WARNING, what="half")
        raise ConfigError("broken", do="mend it")

    findings = list(examine([("a", fails), ("b", list)]))
    assert [(f.check, f.level) for f in findings] == [("a", Level.WRONG), ("b", Level.OK)]
    assert findings[0].do == "mend it"
