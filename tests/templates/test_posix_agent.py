# SPDX-License-Identifier: GPL-3.0-or-later
"""The Linux template is a real program: the station flashes it, and it is killed at every moment that could matter."""

from __future__ import annotations

import itertools
import os
import random
import stat
import subprocess
import termios
import time
from contextlib import closing
from pathlib import Path

import pytest

from station.model import Holding, Identity, Method, Verdict
from station.targets.base import no_progress
from tests.firmware.firmware_bench import NEW, OLD, UID, certificate, line, nvr_set, provision, stored
from tests.firmware.firmware_wire import Wire
from tests.firmware.test_protocol_examples import (
    test_every_example_of_the_protocol_page_happens_on_the_board as replay_the_protocol_page,
)
from tests.targets.agent_bench import nvr, session_on, single
from tests.templates.posix_board import PosixBoard, Programs

EXIT_S = 20


def write(board: PosixBoard, identity: Identity, replace: Identity | None = None) -> str:
    """The answer to COMMIT."""
    with Wire(board) as wire:
        wire.wait_until_up()
        return [wire.exchange(each) for each in provision(identity, replace=replace)][-1]


def survives(board: PosixBoard, identity: Identity, replace: Identity) -> bool:
    """Send everything to a board that may die at any moment of it."""
    try:
        write(board, identity, replace)
    except (OSError, TimeoutError, termios.error):
        board.wait_dead(EXIT_S)
        return False
    return True


def left_beside(board: PosixBoard) -> set[str]:
    name = board.flash_file.name
    return {path.name for path in board.flash_file.parent.glob(f"*{name}*")} - {name, f".{name}.lock"}


def test_every_example_of_the_protocol_page_happens(posix: PosixBoard) -> None:
    replay_the_protocol_page(posix)


@pytest.mark.parametrize("identity", [single("cam-0001", product_secret="pS"), nvr("nvr-0001", cameras=20)])
def test_the_station_writes_proves_and_finds_it_again(posix: PosixBoard, identity: Identity) -> None:
    with closing(session_on(posix.url)) as session:
        before = session.identify()
        assert (before.uid, before.holding) == (UID, Holding.BLANK)
        session.require_room(identity)
        session.write(identity, no_progress)
        assert stored(posix.flash_file) == Identity(primary=identity.primary, channels=identity.channels)
        session.restart()
        found = session.read_back(identity, no_progress)
        assert (found.verdict, found.method, found.digest) == (Verdict.EQUAL, Method.PROOF, identity.digest())
    posix.kill()
    posix.power_off()
    posix.power_on()
    with closing(session_on(posix.url)) as session:
        assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL


def test_killed_at_each_system_call_of_a_commit_it_holds_the_old_or_the_new_identity(posix: PosixBoard) -> None:
    assert write(posix, OLD).startswith("@c OK")
    held, outcomes, whole = OLD, set(), 0
    for number, moment in itertools.product(range(1, 40), ("before", "half", "after")):
        if whole == 3:
            break
        fresh = NEW if held == OLD else OLD
        posix.power_off()
        posix.die_at = f"{number} {moment}"
        posix.power_on()
        died = not survives(posix, fresh, held)
        whole = 0 if died else whole + 1
        posix.power_off()
        found = stored(posix.flash_file)
        assert found in (held, fresh), (number, moment)
        outcomes.add((died, found == fresh))
        posix.power_on()
        with Wire(posix) as wire:
            assert found and f" digest={found.digest()} " in wire.wait_until_up()
        assert left_beside(posix) == set()
        kept, gone = (fresh, held) if found == fresh else (held, fresh)
        content = posix.flash_file.read_bytes()
        assert kept.primary.device_secret.reveal().encode() in content
        assert gone.primary.device_secret.reveal().encode() not in content
        held = kept
    assert whole == 3, "more system calls than were tried"
    assert outcomes == {(True, False), (True, True), (False, True)}


def test_killed_at_random_moments_the_station_always_learns_what_is_there(posix: PosixBoard) -> None:
    source = random.Random(2)
    held = OLD
    write(posix, held)
    for number in range(15):
        fresh = Identity(primary=certificate(f"cam-{number}", f"secret-{number}"), channels=nvr_set(5).channels)
        *puts, commit = provision(fresh, replace=held)
        with Wire(posix) as wire:
            wire.wait_until_up()
            for each in puts:
                wire.exchange(each)
            wire.send(commit)
            time.sleep(source.uniform(0, 0.004))
            posix.kill()
        posix.power_off()
        found = stored(posix.flash_file)
        assert found in (held, fresh)
        posix.power_on()
        with closing(session_on(posix.url)) as session:
            assert found and session.read_back(found, no_progress).verdict is Verdict.EQUAL
        held = found


def test_a_disk_that_cannot_be_written_is_a_flash_error_and_keeps_the_old_identity(posix: PosixBoard) -> None:
    write(posix, OLD)
    blocker = posix.flash_file.with_name(f".{posix.flash_file.name}.new")
    blocker.mkdir()  # where the new file would be made
    assert write(posix, NEW, replace=OLD) == "@c ERR FLASH"
    assert stored(posix.flash_file) == OLD
    blocker.rmdir()
    assert write(posix, NEW, replace=OLD).startswith("@c OK")


def test_the_identity_is_nobody_elses_to_read(posix: PosixBoard) -> None:
    write(posix, OLD)
    assert stat.S_IMODE(posix.flash_file.stat().st_mode) == 0o600


def test_a_file_that_is_no_identity_and_a_second_agent_are_refused(posix: PosixBoard, tmp_path: Path) -> None:
    def start(path: Path) -> str:
        command = [str(posix.programs.agent), "-i", str(path), "-u", "uid-0001", "-"]
        done = subprocess.run(command, input="", capture_output=True, text=True, timeout=EXIT_S, check=False)
        return f"{done.returncode}: {done.stderr}"

    write(posix, OLD)
    assert "1: station-agent: another agent runs" in start(posix.flash_file)
    other = tmp_path / "notes.txt"
    other.write_text("not an identity")
    assert "1: station-agent: the identity file is not one" in start(other)
    assert other.read_text() == "not an identity"
    (tmp_path / "trap").symlink_to(other)
    assert "the identity file is not one" in start(tmp_path / "trap")


@pytest.mark.parametrize(
    ("given", "uid"), [("52:54:00:AB:CD:EF\n", "525400abcdef"), ("serial-7_a.b\n", "serial-7_a.b")]
)
def test_the_uid_may_come_from_a_file(posix_programs: Programs, tmp_path: Path, given: str, uid: str) -> None:
    (tmp_path / "address").write_text(given)
    command = [
        str(posix_programs.agent),
        "-i",
        str(tmp_path / "id"),
        "-U",
        str(tmp_path / "address"),
        "-r",
        "watchdog",
        "-",
    ]
    done = subprocess.run(command, input=b"@1 ID*be0107b5\n", capture_output=True, timeout=EXIT_S, check=True)
    assert f" uid={uid} " in done.stdout.decode() and " reset=watchdog*" in done.stdout.decode()


@pytest.mark.parametrize("given", ["abc", "x" * 65, "no space", "号码号码"])
def test_a_uid_the_protocol_does_not_know_is_refused(posix_programs: Programs, tmp_path: Path, given: str) -> None:
    command = [str(posix_programs.agent), "-i", str(tmp_path / "id"), "-u", given, "-"]
    assert subprocess.run(command, input=b"", capture_output=True, timeout=EXIT_S, check=False).returncode == 1


def test_it_can_be_tried_out_on_a_pty_of_its_own(posix_programs: Programs, tmp_path: Path) -> None:
    command = [str(posix_programs.agent), "-i", str(tmp_path / "id"), "-u", "pc-0001", "pty"]
    not_one = os.environ | {"STATION_AGENT_PTY": "0"}
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, env=not_one) as agent:
        assert agent.stdout
        port = agent.stdout.readline().strip()
        for _ in range(2):  # the station may come and go
            with closing(session_on(port)) as session:
                assert session.identify().uid == "pc-0001"
        agent.kill()


def test_programs_of_the_product_read_the_identity_with_the_getters(posix: PosixBoard) -> None:
    def show(*more: str) -> tuple[int, list[str]]:
        command = [str(posix.programs.show), str(posix.flash_file), *more]
        done = subprocess.run(command, capture_output=True, text=True, timeout=EXIT_S, check=False)
        return done.returncode, done.stdout.splitlines()

    assert show() == (1, [])
    device = Identity(primary=certificate("dev", "12345678"))
    write(posix, device)
    code, (names, living, iotda) = show("2025041401")
    assert (code, names) == (0, "0 a1B2c3D4e5F dev")
    assert living.startswith("living dev|securemode=2,signmethod=hmacsha256,timestamp=2025041401| dev&a1B2c3D4e5F ")
    assert iotda == "iotda dev_0_1_2025041401 dev c75150e6cb841417396819e4d2ee4358a416344a03a083e3a8567074ddec820a"
    write(posix, nvr_set(64), replace=device)
    assert show() == (0, [f"{n} a1IPCipcIPC ch-{n:03d}" for n in range(65)])


def memory_of(pid: int) -> bytes:
    """What the process can write to, as root sees it."""
    found = b""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            where, rights, *_ = line.split()
            if rights.startswith("rw"):
                start, end = (int(part, 16) for part in where.split("-"))
                memory.seek(start)
                found += memory.read(end - start)
    return found


@pytest.mark.parametrize("ending", ["COMMIT", "ABORT"])
def test_no_secret_stays_in_memory_when_a_transaction_ends(posix: PosixBoard, ending: str) -> None:
    posix.power_off()
    posix.die_at = "0 never"  # the program as a product builds it
    posix.power_on()
    *puts, commit = provision(nvr_set(3))
    one_secret = nvr_set(3).channels[1].device_secret.reveal().encode()
    with Wire(posix) as wire:
        wire.wait_until_up()
        for each in puts:
            wire.exchange(each)
        assert posix.pid and one_secret in memory_of(posix.pid), "or this test would see nothing"
        assert wire.exchange(commit if ending == "COMMIT" else line("@a ABORT")).split(" ")[1].startswith("OK")
        assert one_secret not in memory_of(posix.pid)
        assert one_secret[:16] not in memory_of(posix.pid)
