# SPDX-License-Identifier: GPL-3.0-or-later
"""A backup made while slots work, put back after boards were made that it does not know; through the real commands."""

from __future__ import annotations

import base64
import errno
import gzip
import io
import json
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import stat
import sys
import tarfile
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from station.codes import Exit
from station.config.settings import Config, load
from station.errors import ConfigError
from station.ledger import audit
from station.ledger.backup import back_up, put_ledger_back
from station.model import BoardUid, IdentityKind, Secret
from tests.forked import run
from tests.raw import raw
from tests.setback.pcs import ELSEWHERE, PC, Floor, hardware


def secrets_of(pc: PC) -> list[bytes]:
    return [line.split(",")[2].encode() for line in (pc.disk / "first.csv").read_text().splitlines()[1:]]


def test_a_backup_holds_no_secret_and_is_private_and_overwrites_nothing(pc: PC, tmp_path: Path) -> None:
    file = tmp_path / "monday.tar.gz"
    assert pc("backup", str(file)).code == Exit.OK
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with tarfile.open(file) as tar:
        names = tar.getnames()
        whole = b"".join(tar.extractfile(name).read() for name in names)  # type: ignore[union-attr]
    assert sorted(names) == ["ledger.db", "manifest.json", "profiles/cam.toml", "station.toml"]
    assert not [secret for secret in secrets_of(pc) if secret in whole]
    assert json.loads((pc.state / "station.key").read_text())["key"].encode() not in whole
    again = pc("backup", str(file))
    assert (again.code, "E126" in again.err) == (Exit.USAGE, True)
    assert list(tmp_path.glob(".station-*")) == []


def test_a_backup_is_made_while_slots_work_and_comes_back_through_a_recovery(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    file = tmp_path / "monday.tar.gz"
    station = pc.start("flash", "--profile", "cam", "--port", str(tmp_path / "slot"), "--watch", "--json")
    assert station.stdout is not None
    with floor.board(1, tmp_path / "slot"):
        for line in station.stdout:
            if json.loads(line).get("state") == "PASS":
                break
        assert pc("backup", str(file)).code == Exit.OK
        refused = pc("restore", str(file), "--yes")
        assert refused.code == Exit.STATION_FAULT, refused
    station.terminate()
    station.communicate()
    assert floor.flash(pc, 2, 3).code == Exit.OK
    restored = pc.supervised("restore", str(file), "--yes")
    assert restored.code == Exit.PERSON_NEEDED, restored
    assert pc.states() == {"CONSUMED": 1, "IN_DOUBT": 2, "WITHHELD": 1}
    assert [f.name for f in pc.state.glob("before-restore-*/ledger.db")] == ["ledger.db"]
    assert floor.flash(pc, 1, 2, 3).code == Exit.OK
    pc.release_all()
    assert floor.flash(pc, 9).code == Exit.OK
    assert floor.doubles() == {}


def test_a_restored_ledger_is_locked_even_when_nothing_was_lost(pc: PC, floor: Floor, tmp_path: Path) -> None:
    file = tmp_path / "monday.tar.gz"
    assert pc("backup", str(file)).code == Exit.OK
    assert pc("restore", str(file), "--yes").code == Exit.PERSON_NEEDED
    assert floor.flash(pc, 1).code == Exit.PERSON_NEEDED
    assert floor.holds(1) is None
    assert "restored from a backup" in pc("status").out


def test_a_new_pc_gets_configuration_profiles_ledger_and_key(pc: PC, floor: Floor, tmp_path: Path) -> None:
    """The old one is gone, and its witness with it: boards are settled by putting them in."""
    file, passphrase = tmp_path / "monday.tar.gz", tmp_path / "passphrase"
    passphrase.write_text("a long enough one")
    passphrase.chmod(0o600)
    with_key = ("--with-key", "--new-passphrase-file", str(passphrase))
    assert pc("backup", str(file), *with_key).code == Exit.OK
    assert floor.flash(pc, 1, 2).code == Exit.OK
    pin = pc.pin.read_text()
    shutil.rmtree(pc.disk)
    new = PC(pc.disk, hardware(tmp_path / "pc2", 2, machine_id="e" * 32))
    new.pin.write_text(pin)
    new.pin.chmod(0o600)
    opens = ("--set", f"vault.passphrase_file={passphrase}")
    named = ("--config", str(new.config))
    done = new(*named, *opens, "restore", str(file), "--reason", "r", "--pin-file", str(new.pin), "--yes")
    assert done.code == Exit.PERSON_NEEDED, done
    new.config.write_text(new.config.read_text().replace("[vault]\n", f'[vault]\npassphrase_file = "{passphrase}"\n'))
    assert (new.disk / "profiles" / "cam.toml").exists()
    assert "4 identities withheld" in done.err
    settled = floor.flash(new, 1, 2)
    assert settled.code == Exit.OK, settled
    assert "2 withheld" not in new("status").out
    assert floor.flash(new, 9).code == Exit.NO_CERTIFICATES
    assert floor.doubles() == {}


def test_without_a_key_nothing_is_put_back(pc: PC, tmp_path: Path) -> None:
    file = tmp_path / "monday.tar.gz"
    assert pc("backup", str(file)).code == Exit.OK
    (pc.state / "station.key").unlink()
    before = (pc.state / "ledger.db").read_bytes()
    done = pc("restore", str(file), "--yes")
    assert (done.code, "E114" in done.err) == (Exit.USAGE, True)
    assert (pc.state / "ledger.db").read_bytes() == before


@pytest.mark.parametrize("by_earlier_version", [False, True])
def test_what_is_noted_of_a_backup_is_a_line_that_no_power_cut_takes(
    pc: PC, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, by_earlier_version: bool
) -> None:
    """Its ledger may end with a reservation, which no disk was waited for; it comes back all the same."""
    file, config = tmp_path / "monday.tar.gz", load(pc.config, {})
    with closing(pc.ledger()) as ledger:
        lasting = ledger.audit.head()
        ledger.reserve(["a1Cam"], IdentityKind.SINGLE, BoardUid.parse("a0b1c2000001"), "1")
        assert ledger.audit.head() == lasting
        if by_earlier_version:
            monkeypatch.setattr(audit, "whole_head", audit.read_head)
        assert (back_up(config, file, None).head == lasting) is not by_earlier_version
        monkeypatch.undo()
        ledger.recover()
    assert put_ledger_back(file, config, lambda: Secret("")).at


@pytest.mark.parametrize("what", ["text", "foreign", "upwards", "link", "torn", "other ledger"])
def test_a_file_that_is_no_backup_changes_nothing(pc: PC, tmp_path: Path, what: str) -> None:
    file, made = tmp_path / "bad.tar.gz", tmp_path / "good.tar.gz"
    assert pc("backup", str(made)).code == Exit.OK
    if what == "text":
        file.write_text("hello")
    elif what == "torn":
        file.write_bytes(made.read_bytes()[:-2000])
    else:
        member = tarfile.TarInfo({"upwards": "profiles/../../x.toml", "foreign": "evil"}.get(what, "station.key"))
        member.size = 3
        if what == "link":
            member.type, member.linkname, member.size = tarfile.SYMTYPE, "/etc/passwd", 0
        with tarfile.open(file, "w:gz") as tar:
            if what == "other ledger":
                _manifest_of_another(tar)
            else:
                tar.addfile(member, io.BytesIO(b"abc"))
    before = (pc.state / "ledger.db").read_bytes()
    done = pc("restore", str(file), "--yes")
    assert (done.code, "E126" in done.err) == (Exit.USAGE, True), done
    assert "Traceback" not in done.err
    assert (pc.state / "ledger.db").read_bytes() == before
    assert list(pc.state.glob(".station-*")) == []


def _manifest_of_another(tar: tarfile.TarFile) -> None:
    content = json.dumps({"backup": 1, "at": "2026", "lines": 1, "head": "0" * 64, "key": False}).encode()
    member = tarfile.TarInfo("manifest.json")
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


def test_a_ledger_is_not_replaced_before_a_person_says_so(pc: PC, tmp_path: Path) -> None:
    file = tmp_path / "monday.tar.gz"
    assert pc("backup", str(file)).code == Exit.OK
    before = (pc.state / "ledger.db").read_bytes()
    done = pc("restore", str(file))
    assert (done.code, "--yes" in done.err) == (Exit.PERSON_NEEDED, True), done
    assert (pc.state / "ledger.db").read_bytes() == before
    assert not list(pc.state.glob("before-restore-*"))


def aside(pc: PC) -> list[Path]:
    return list(pc.state.glob("before-restore-*"))


def test_a_backup_of_before_the_key_was_rotated_is_put_back_with_its_own_key_or_not_at_all(
    pc: PC, floor: Floor, tmp_path: Path
) -> None:
    """Not a ledger that no key opens, where one was that works."""
    file, key = tmp_path / "monday.tar.gz", pc.state / "station.key"
    assert pc("backup", str(file)).code == Exit.OK
    older = key.read_bytes()
    assert pc("key", "rotate").code == Exit.OK
    done = pc("restore", str(file), "--yes")
    assert (done.code, "another key" in done.err) == (Exit.USAGE, True), done
    assert aside(pc) == []
    assert floor.flash(pc, 1).code == Exit.OK
    key.rename(tmp_path / "rotated")
    key.write_bytes(older)
    key.chmod(0o600)
    restored = pc.supervised("restore", str(file), "--yes")
    assert restored.code == Exit.PERSON_NEEDED, restored
    assert pc.states() == {"IN_DOUBT": 1, "WITHHELD": 3}


def test_a_key_that_comes_with_its_backup_is_opened_before_anything_is_replaced(pc: PC, tmp_path: Path) -> None:
    file, passphrase, wrong = tmp_path / "monday.tar.gz", tmp_path / "passphrase", tmp_path / "wrong"
    for path, text in ((passphrase, "a long enough one"), (wrong, "not this long one")):
        path.write_text(text)
        path.chmod(0o600)
    assert pc("backup", str(file), "--with-key", "--new-passphrase-file", str(passphrase)).code == Exit.OK
    assert pc("key", "rotate").code == Exit.OK
    rotated = pc("restore", str(file), "--yes")
    assert (rotated.code, "one is in it" in rotated.err) == (Exit.USAGE, True), rotated
    (pc.state / "station.key").rename(tmp_path / "rotated")
    refused = pc("--set", f"vault.passphrase_file={wrong}", "restore", str(file), "--yes")
    assert (refused.code, "E114" in refused.err) == (Exit.USAGE, True), refused
    assert aside(pc) == []
    assert not (pc.state / "station.key").exists()
    done = pc("--set", f"vault.passphrase_file={passphrase}", "restore", str(file), "--yes")
    assert done.code == Exit.PERSON_NEEDED, done


def test_a_backup_with_one_flipped_bit_is_none(pc: PC, tmp_path: Path) -> None:
    """Wherever it is: one that still unpacks is noticed by the file's own checksum."""
    made, bad = tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz"
    assert pc("backup", str(made)).code == Exit.OK
    config, whole = load(pc.config, {}), made.read_bytes()
    before = (pc.state / "ledger.db").read_bytes()
    flips = random.Random(11)
    for _ in range(150):
        data = bytearray(whole)
        data[flips.randrange(len(whole))] ^= 1 << flips.randrange(8)
        if unpacked(data) == unpacked(whole):  # in the file's name or time, or in a bit that says nothing
            continue
        bad.write_bytes(data)
        with pytest.raises(ConfigError, match="is no backup") as refused:
            put_ledger_back(bad, config, no_passphrase)
        assert refused.value.code == "E126"
    assert (pc.state / "ledger.db").read_bytes() == before
    assert aside(pc) == []


def unpacked(data: bytes | bytearray) -> bytes:
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error):
        return b""


def no_passphrase() -> Secret:
    raise AssertionError


def test_a_newer_station_s_backup_names_the_version_that_it_needs(pc: PC, tmp_path: Path) -> None:
    with closing(sqlite3.connect(pc.state / "ledger.db", isolation_level=None)) as db:
        db.execute("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('station', 'm999_x', '')")
        db.execute("INSERT OR REPLACE INTO meta VALUES ('needs', '99.0')")
    shutil.copy(pc.state / "ledger.db", tmp_path / "ledger.db")
    file = tmp_path / "newer.tar.gz"
    manifest = json.dumps({"backup": 1, "at": "2026", "lines": 1, "head": "0" * 64, "key": False}).encode()
    with tarfile.open(file, "w:gz") as tar:
        tar.add(tmp_path / "ledger.db", "ledger.db")
        member = tarfile.TarInfo("manifest.json")
        member.size = len(manifest)
        tar.addfile(member, io.BytesIO(manifest))
    done = pc("restore", str(file), "--yes")
    assert (done.code, "E119" in done.err, "99.0" in done.err) == (Exit.USAGE, True, True), done


def test_no_backup_is_made_with_a_key_that_does_not_open_it(pc: PC, tmp_path: Path) -> None:
    """As where the key was rotated while the ledger was copied."""
    file, passphrase = tmp_path / "monday.tar.gz", tmp_path / "passphrase"
    passphrase.write_text("a long enough one")
    passphrase.chmod(0o600)
    key = pc.state / "station.key"
    key.write_text(json.dumps({"schema": 1, "wrap": "plain", "key": base64.b64encode(bytes(32)).decode()}))
    done = pc("backup", str(file), "--with-key", "--new-passphrase-file", str(passphrase))
    assert (done.code, "E114" in done.err, file.exists()) == (Exit.USAGE, True, False), done
    assert list(tmp_path.glob(".station-*")) == []


@pytest.mark.parametrize("step", ["rename", "link"])
def test_a_restore_that_was_killed_leaves_a_ledger_that_gives_nothing_out_or_the_present_one(
    pc: PC, floor: Floor, tmp_path: Path, step: str
) -> None:
    """At each of its steps on the way, whatever the witnesses know: the witness is behind here."""
    file = tmp_path / "monday.tar.gz"
    assert pc("backup", str(file)).code == Exit.OK
    config = load(pc.config, {})
    for at in range(1, 9):
        killed = multiprocessing.get_context("fork").Process(target=_killed_at, args=(file, config, step, at))
        killed.start()
        killed.join()
        assert (pc.state / "ledger.db").stat().st_size > 0
        told = pc("status")
        if not killed.exitcode:
            break
        assert told.code == Exit.OK
        assert "READY  4" in told.out
    assert floor.flash(pc, 1).code == Exit.PERSON_NEEDED
    assert floor.holds(1) is None


@pytest.mark.parametrize("step", ["rename", "link"])
def test_what_was_only_in_the_log_of_a_killed_station_is_not_lost_on_the_way(
    pc: PC, floor: Floor, tmp_path: Path, step: str
) -> None:
    """Looked at without a witness, in the file alone: the present ledger is whole, or it is the locked one."""
    file = tmp_path / "monday.tar.gz"
    assert pc("backup", str(file)).code == Exit.OK
    config, log = load(pc.config, {}), pc.state / "ledger.db-wal"
    pc.import_batch("more", 8)
    for at in range(1, 9):
        retire = ["retire", f"a1Cam/more{at - 1:03d}", "--yes", "--reason", "it is lost", "--pin-file", str(pc.pin)]
        command = [sys.executable, "-c", _KILLED_AT_ITS_END, *pc.words(retire), str(pc.root)]
        assert run(command, env=pc.environment).returncode == -signal.SIGKILL
        assert log.stat().st_size
        killed = multiprocessing.get_context("fork").Process(target=_killed_at, args=(file, config, step, at))
        killed.start()
        killed.join()
        with raw(_copied(pc.state, tmp_path / f"copy{at}")) as db:
            retired = db.execute("SELECT count(*) FROM identities WHERE state = 'RETIRED'").fetchone()[0]
            locked = [code for (code,) in db.execute("SELECT code FROM locks")]
        if not killed.exitcode:
            break
        assert (retired, locked) == (at, [])
    assert locked == ["E702"]


_KILLED_AT_ITS_END = (
    "import os; from station.ledger.sqlite.connection import Connection;"
    f" Connection.close = lambda _: os.kill(os.getpid(), 9); {ELSEWHERE}"
)


def _copied(state: Path, folder: Path) -> Path:
    folder.mkdir(mode=0o700)
    for file in state.glob("ledger.db*"):
        shutil.copyfile(file, folder / file.name)
    return folder / "ledger.db"


def test_ledger_and_key_are_put_back_on_a_disk_where_no_file_has_two_names(
    pc: PC, floor: Floor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    file, passphrase, key = tmp_path / "monday.tar.gz", tmp_path / "passphrase", pc.state / "station.key"
    passphrase.write_text("a long enough one")
    passphrase.chmod(0o600)
    assert pc("backup", str(file), "--with-key", "--new-passphrase-file", str(passphrase)).code == Exit.OK
    assert floor.flash(pc, 1).code == Exit.OK
    before = (pc.state / "ledger.db").read_bytes()
    key.unlink()
    monkeypatch.setattr(os, "link", link)
    for _ in range(2):
        put_ledger_back(file, load(pc.config, {}), lambda: Secret("a long enough one"))
    assert before in [(kept / "ledger.db").read_bytes() for kept in aside(pc)]
    opens = ("--set", f"vault.passphrase_file={passphrase}")
    assert "READY  4" in pc(*opens, "status").out
    with floor.board(2) as board:
        done = pc(*opens, "flash", "--profile", "cam", "--port", board.url)
    assert (done.code, floor.holds(2)) == (Exit.PERSON_NEEDED, None), done


def test_what_lies_beside_no_ledger_is_not_taken_for_the_one_s_that_is_put_back(pc: PC, tmp_path: Path) -> None:
    """A journal that a first start left half written is undone by SQLite, in whatever file it finds beside."""
    file, ledger = tmp_path / "monday.tar.gz", pc.state / "ledger.db"
    assert pc("backup", str(file)).code == Exit.OK
    ledger.unlink()
    half = "import os, sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute('PRAGMA cache_size=1')"
    half += "; db.execute('CREATE TABLE filler (x)'); db.commit()"
    half += "; db.executemany('INSERT INTO filler VALUES (?)', [(os.urandom(4000),)] * 200); os.kill(os.getpid(), 9)"
    assert run([sys.executable, "-c", half, str(ledger)]).returncode == -signal.SIGKILL
    assert ledger.with_name("ledger.db-journal").stat().st_size
    ledger.unlink()
    put_ledger_back(file, load(pc.config, {}), no_passphrase)
    assert "READY  4" in pc("status").out


def _killed_at(file: Path, config: Config, step: str, at: int) -> None:
    left, real = [at], getattr(os, step)

    def dying(*given: object, **more: object) -> object:
        left[0] -= 1
        if not left[0]:
            os._exit(9)
        return real(*given, **more)

    setattr(os, step, dying)
    put_ledger_back(file, config, no_passphrase)
