# SPDX-License-Identifier: GPL-3.0-or-later
"""`station doctor` on a real key, a real ledger and a cloud on loopback, whole and broken."""

import json
import os
import signal
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from station.cli import cli
from station.codes import Code, Exit
from station.config.settings import load
from station.doctor import Level
from station.doctor import examine as diagnose
from station.doctor.bench import check_scanner, check_slots, checks
from station.ledger.store import Ledger
from station.model import Secret
from station.profiles.shipped import copy_of
from station.secrets.changing import move
from station.secrets.keys import create_key, open_vault
from station.simulate.cloud import CloudSimulator
from station.simulate.printer import LabelPrinter
from station.targets.slots import SeenPort, SlotSpec

Examine = Callable[..., dict[str, dict[str, str]]]


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    """A bench on which all is well, but for what the machine under the tests lacks."""
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    create_key(state / "station.key")
    with Ledger(state / "ledger.db", open_vault(state / "station.key")) as ledger:
        ledger.audit.note("born")
    (tmp_path / "profiles").mkdir()
    (tmp_path / "profiles" / "cam.toml").write_text(copy_of("zephyr-settings", "cam", ["p1"]))
    (tmp_path / "dev").write_text("")
    configure(tmp_path)
    return tmp_path


def configure(folder: Path, more: str = "", slot: str = "socket://127.0.0.1:9") -> None:
    (folder / "station.toml").write_text(
        f'[bench]\nprofile = "cam"\nstate_dir = "{folder}/state"\n{more}\n[[slot]]\nname = "1"\npath = "{slot}"\n'
    )


@pytest.fixture
def examine(bench: Path) -> Examine:
    def run() -> dict[str, Any]:
        options = ["--config", str(bench / "station.toml"), "doctor", "--json"]
        result = CliRunner().invoke(cli, options, standalone_mode=False)
        assert result.exception is None, result.exception
        told = json.loads(result.stdout)
        assert told["schema"] == 1
        wrong = [f for f in told["findings"] if f["level"] == "wrong"]
        assert told["wrong"] == len(wrong)
        alarms = any(finding["what"].startswith("E7") for finding in wrong)
        ends = Exit.INTEGRITY if alarms else Exit.STATION_FAULT if wrong else Exit.OK
        assert result.return_value is ends
        assert all(f["do"] for f in wrong), "each fault comes with its remedy"
        return {f["check"]: f for f in told["findings"]}

    return run


def test_a_sound_bench_is_called_sound(examine: Examine) -> None:
    found = examine()
    for check in ("config", "slots", "busy", "disk", "key", "ledger", "profile"):
        assert found[check]["level"] == "ok", found[check]
    assert found["cloud"]["level"] == "skipped"
    assert "1 lines" in found["ledger"]["what"]


def test_a_broken_config_is_told_and_the_pc_is_checked_all_the_same(bench: Path, examine: Examine) -> None:
    (bench / "station.toml").write_text("[bench]\ncolour = 1\n")
    found = examine()
    assert found["config"]["level"] == "wrong"
    assert "bench.colour is not a setting" in found["config"]["what"]
    assert "driver" in found and "ledger" not in found


def test_a_key_that_others_may_read_is_told_with_the_command(bench: Path, examine: Examine) -> None:
    key = bench / "state" / "station.key"
    key.chmod(0o644)
    assert examine()["key"]["do"] == f"run: chmod 600 {key}"


def test_a_key_with_a_passphrase_that_no_file_has_is_not_asked_for(bench: Path, examine: Examine) -> None:
    key = bench / "state" / "station.key"
    move(key, lambda: Secret(""), wrap="scrypt", passphrase=Secret("correct horse battery"))
    assert examine()["key"]["level"] == "skipped"
    file = bench / "passphrase"
    file.write_text("correct horse battery\n")
    file.chmod(0o600)
    configure(bench, f'[vault]\npassphrase_file = "{file}"')
    assert examine()["key"]["level"] == "ok"


def test_a_ledger_that_was_changed_behind_its_back_is_told(bench: Path, examine: Examine) -> None:
    with sqlite3.connect(bench / "state" / "ledger.db") as db:
        for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            db.execute(f'DROP TRIGGER "{name}"')
        db.execute("UPDATE audit SET actor = 'someone else'")
    db.close()
    found = examine()["ledger"]
    assert found["level"] == "wrong"
    assert "E702" in found["what"]


@pytest.mark.parametrize(
    ("sql", "what"),
    [
        ("DROP TRIGGER board_is_for_life", "trigger board_is_for_life is missing"),
        (
            "DROP TRIGGER keep_audit; CREATE TRIGGER keep_audit BEFORE DELETE ON audit WHEN 0 BEGIN SELECT 1; END",
            "trigger keep_audit differs",
        ),
        (
            "CREATE TRIGGER spy AFTER UPDATE ON certificates BEGIN INSERT INTO meta VALUES ('x', OLD.secret); END",
            "trigger spy is not ours",
        ),
    ],
    ids=["dropped", "changed", "added"],
)
def test_a_guard_that_was_changed_is_told(bench: Path, examine: Examine, sql: str, what: str) -> None:
    with sqlite3.connect(bench / "state" / "ledger.db") as db:
        db.executescript(sql)
    db.close()
    found = examine()["ledger"]
    assert (found["level"], "E702" in found["what"], what in found["what"]) == ("wrong", True, True), found


def test_a_program_that_keeps_the_ledger_is_named(bench: Path, examine: Examine) -> None:
    ready, is_ready = os.pipe()
    if not (other := os.fork()):
        sqlite3.connect(bench / "state" / "ledger.db", isolation_level=None).execute("BEGIN IMMEDIATE")
        os.write(is_ready, b"!")
        signal.pause()
    try:
        assert os.read(ready, 1)
        found = examine()["ledger"]
    finally:
        os.kill(other, signal.SIGKILL)
        os.waitpid(other, 0)
    assert (found["level"], f"(pid {other})" in found["what"]) == ("wrong", True), found
    assert f"kill {other}" in found["do"]


def test_a_missing_ledger_is_not_made_by_looking(bench: Path, examine: Examine) -> None:
    for file in (bench / "state").glob("ledger.db*"):
        file.unlink()
    assert "station init" in examine()["ledger"]["do"]
    assert not (bench / "state" / "ledger.db").exists()


def test_a_clock_behind_the_ledger_is_told(bench: Path, examine: Examine) -> None:
    ahead = time.time() + 3600
    os.utime(bench / "state" / "ledger.db", (ahead, ahead))
    assert examine()["clock"]["level"] == "wrong"


def test_a_slot_whose_port_is_not_there_or_is_named_by_number_is_told(bench: Path, examine: Examine) -> None:
    configure(bench, slot="/dev/station/slot77")
    assert "no /dev/station/slot77" in examine()["slots"]["what"]
    numbered = SlotSpec(name="1", path="/dev/ttyUSB0")
    assert any("plugging in" in f.what and f.level is Level.WRONG for f in check_slots([numbered], []))


def test_an_adapter_whose_place_is_unknown_is_told() -> None:
    (finding,) = check_slots([SlotSpec(name="1", path="usb-1-1")], [SeenPort(device="/dev/ttyUSB0", topology="")])
    assert "/dev/ttyUSB0" in finding.what


def test_a_profile_that_cannot_work_is_told(bench: Path, examine: Examine) -> None:
    (bench / "profiles" / "cam.toml").write_text(copy_of("zephyr-settings", "cam", []))
    assert "names no product" in examine()["profile"]["what"]


def account(cloud: CloudSimulator, name: str, secret: Path) -> str:
    """Its lines in station.toml; the right secret is in that file."""
    lines, right = {
        "living": (
            f'[cloud.living]\nurl = "{cloud.url}"\napp_key = "{cloud.living_key}"\nproject_id = "{cloud.project_id}"',
            cloud.living_secret,
        ),
        "aliyun-iot": (
            f'[cloud.aliyun_iot]\nurl = "{cloud.url}"\naccess_key = "{cloud.aliyun_ak}"',
            cloud.aliyun_sk,
        ),
        "iotda": (
            f'[cloud.iotda]\nurl = "{cloud.url}"\nregion = "{cloud.iotda_region}"\n'
            f'project_id = "{cloud.iotda_project}"\naccess_key = "{cloud.iotda_ak}"',
            cloud.iotda_sk,
        ),
    }[name]
    secret.write_text(right)
    secret.chmod(0o600)
    return f'{lines}\nsecret_file = "{secret}"\n'


@pytest.mark.parametrize("name", ["living", "aliyun-iot", "iotda"])
def test_the_cloud_is_asked_with_our_own_signature(bench: Path, examine: Examine, name: str) -> None:
    with CloudSimulator(seed="doctor") as cloud:
        configure(bench, account(cloud, name, bench / "secret"))
        assert examine()["cloud"]["level"] == "ok"
        (bench / "secret").write_text("not-the-secret")
        assert examine()["cloud"]["level"] == "wrong"
        assert not (cloud.world.devices or cloud.world.batches or cloud.world.iotda_products)


def test_a_cloud_that_refuses_hides_no_other(bench: Path) -> None:
    with CloudSimulator(seed="doctor") as cloud:
        lines = [account(cloud, name, bench / name) for name in ("living", "aliyun-iot")]
        configure(bench, "".join(lines))
        (bench / "living").write_text("not-the-secret")
        wanted = [one for one in checks(lambda: load(bench / "station.toml")) if one[0] == "cloud"]
        found = list(diagnose(wanted))
    assert [finding.level for finding in found] == [Level.WRONG, Level.OK]
    assert "Alibaba Cloud IoT Platform answered" in found[1].what


def test_a_scanner_is_looked_for_and_never_in_a_slot(tmp_path: Path) -> None:
    slots = [SlotSpec(name="1", path="usb-1-1:1.0")]
    there = SeenPort(device="/dev/ttyACM3", topology="usb-1-7:1.0")
    assert list(check_scanner("usb-1-7", slots, [there])) == []
    assert [f.level for f in check_scanner("usb-1-7", slots, [])] == [Level.WARNING]
    assert [f.level for f in check_scanner("usb-1-1", slots, [there])] == [Level.WRONG]
    assert [f.level for f in check_scanner(str(tmp_path / "scanner"), slots, [])] == [Level.WARNING]


@pytest.mark.parametrize("state", ["ready", "out-of-paper", "dead", "gone"])
def test_a_label_printer_is_asked_how_it_is_and_prints_nothing(bench: Path, state: str) -> None:
    with LabelPrinter(state=state) as printer:
        where = printer.where if state != "gone" else str(bench / "lp0")
        configure(bench, f'[printer]\nwhere = "{where}"\n')
        profile = bench / "profiles" / "cam.toml"
        profile.write_text(profile.read_text() + "[label]\nwidth_mm = 60\nheight_mm = 30\n")
        (finding,) = diagnose([one for one in checks(lambda: load(bench / "station.toml")) if one[0] == "printer"])
        assert printer.labels == []
    sound = state in ("ready", "dead")  # one that says nothing is printed to all the same
    assert finding.level is (Level.OK if sound else Level.WARNING), finding
    assert sound or (finding.code, finding.do.partition(": ")[2]) == (Code.E317, "station label test")
