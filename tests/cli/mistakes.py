# SPDX-License-Identifier: GPL-3.0-or-later
"""The mistakes that are made most often, a row each: how it is made, what the station says, and the remedy it names,
which is followed as it stands there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import openpyxl
import tomlkit

from station.codes import Exit
from station.simulate.agent_board import SimulatedAgentBoard
from station.simulate.cloud import CloudSimulator
from station.simulate.esp import BoardSpec, EspBoard
from tests import inside
from tests.cli.cli_shell import PIN, Done, Shell
from tests.forked import run
from tests.intake.clouds_toml import clouds_env, clouds_toml
from tests.setback.pcs import ELSEWHERE, hardware
from tests.targets.esp_bench import MAC, PARTITIONS

UID = "ab00000000000001"
SECRET = "0123456789abcdef0123456789abcdef"
CSV = f"ProductKey,DeviceName,DeviceSecret\na1Cam,cam1,{SECRET}\n"


class Desk:
    """A station, and whoever sits before it and types what it says."""

    def __init__(self, shell: Shell) -> None:
        self.shell, self.folder = shell, shell.folder
        self.machine: Path | None = None
        self._stubs = shell.folder / "stubs"
        self._stubs.mkdir()
        self.stub("sudo", 'exec "$@"')

    def __call__(self, *arguments: str, through: Sequence[str] = ()) -> Done:
        """`through`: what it is started by, with less than a command has else."""
        if not (self.machine or through):
            within = inside.run(arguments, env=self.shell.environment, cwd=self.folder)
            return Done(within.returncode, within.stdout, within.stderr)
        begins = ["-c", ELSEWHERE, *arguments, str(self.machine)] if self.machine else ["-m", "station", *arguments]
        command = [*through, sys.executable, *begins]
        done = run(command, env=self.shell.environment, cwd=self.folder)
        return Done(done.returncode, done.stdout, done.stderr)

    def types(self, line: str, typed: str = "", *, ends: Exit = Exit.OK) -> Done:
        """What is more than a command of the station is given to a shell, which finds the stubs first."""
        assert str(os.getpid()) not in line.split(), "what is ended is another program than the tests"
        if line.startswith("station ") and not re.search(r"[|&>;$]", line):
            done = self(*shlex.split(line)[1:])
            assert done.code == ends, done
            return done
        places = [str(self._stubs), str(Path(sys.executable).parent), os.environ["PATH"]]
        environment = {**self.shell.environment, "PATH": os.pathsep.join(places), "USER": "operator"}
        shown = subprocess.run(
            ["bash", "-c", line],
            env=environment,
            input=typed,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert shown.returncode == ends, (line, shown)
        return Done(shown.returncode, shown.stdout, shown.stderr)

    def stub(self, name: str, does: str) -> None:
        """A program of the system that a test cannot run."""
        file = self._stubs / name
        file.write_text(f"#!/bin/sh\n{does}\n")
        file.chmod(0o755)

    def sets(self, key: str, value: object) -> None:
        self._edits(self.shell.config, key, value)

    def corrects_profile(self, key: str, value: object) -> None:
        self._edits(self.folder / "profiles" / "cam.toml", key, value)

    def replaces(self, file: Path, wrong: str, right: str) -> None:
        assert wrong in file.read_text()
        file.write_text(file.read_text().replace(wrong, right))

    def clouded(self, cloud: CloudSimulator) -> str:
        """Configured for it; a batch that was made there."""
        with self.shell.config.open("a") as config:
            config.write(clouds_toml(cloud))
        self.sets("cloud.env_file", self.shell.private("env", clouds_env(cloud)))
        product = cloud.add_product("Camera").product_key
        made = self("batch", "generate", "--yes", "--product", product, "--amount", "1", "--json")
        return str(made.json[-1]["batch"])

    def has_pin(self) -> tuple[str, ...]:
        pin = self.shell.private("pin", PIN)
        assert self("supervisor", "set-pin", "--name", "Li", "--new-pin-file", pin).code == 0
        return "--pin-file", pin

    def _edits(self, file: Path, key: str, value: object) -> None:
        document = tomlkit.parse(file.read_text())
        *tables, name = key.split(".")
        table: object = document
        for inner in tables:
            table = table.setdefault(inner, tomlkit.table())  # type: ignore[attr-defined]
        table[name] = value  # type: ignore[index]
        file.write_text(tomlkit.dumps(document))


@dataclass(frozen=True)
class Made:
    """The command that fails, what becomes of it once the remedy was followed, and how that is done."""

    command: Sequence[str]
    follow: Callable[[re.Match[str]], object]
    again: Sequence[str] = ()
    through: Sequence[str] = ()


@dataclass(frozen=True)
class Mistake:
    """What is said, and the exit code; `remedy` finds in it what is to be done. "" for what is no error."""

    name: str
    make: Callable[[Desk], AbstractContextManager[Made]]
    code: str
    exit: Exit
    says: str
    remedy: str


MISTAKES: list[Mistake] = []


def mistake(
    name: str, code: str, ends: Exit, *, says: str, remedy: str
) -> Callable[[Callable[[Desk], Iterator[Made]]], None]:
    def add(make: Callable[[Desk], Iterator[Made]]) -> None:
        MISTAKES.append(Mistake(name, contextmanager(make), code, ends, says, remedy))

    return add


HAS_IT = "print('has it', flush=True); sys.stdin.read()"


@contextmanager
def held_by(desk: Desk, command: Sequence[str]) -> Iterator[Callable[[re.Match[str]], object]]:
    """Another program has something; what ends it is what is typed."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline()

        def end(said: re.Match[str]) -> None:
            desk.types(said[1])
            other.wait()

        yield end


@mistake("wrong key path", "E114", Exit.USAGE, says="/nope is missing", remedy='set (.+) = "(.+)" in station.toml')
def _(desk: Desk) -> Iterator[Made]:
    desk.sets("vault.key_file", "/nope")
    yield Made(["status"], lambda said: desk.sets(said[1], said[2]))


@mistake("wrong secret path", "E114", Exit.USAGE, says="cloud.living.secret_file names", remedy=r"unseen: (\(.*\))")
def _(desk: Desk) -> Iterator[Made]:
    with CloudSimulator() as cloud:
        batch = desk.clouded(cloud)
        desk.sets("cloud.living.secret_file", str(desk.folder / "another's"))
        yield Made(["pull", batch], lambda said: desk.types(said[1], f"{cloud.living_secret}\n"))


@mistake("wrong AK", "E402", Exit.CLOUD, says="Invalid AppKey", remedy="correct (cloud.living.app_key) in station.toml")
def _(desk: Desk) -> Iterator[Made]:
    with CloudSimulator() as cloud:
        batch = desk.clouded(cloud)
        desk.sets("cloud.living.app_key", "246900000")
        shutil.rmtree(desk.folder / "state" / "tokens", ignore_errors=True)
        yield Made(["pull", batch], lambda said: desk.sets(said[1], cloud.living_key))


@mistake("skewed clock", "E402", Exit.CLOUD, says="set the PC's clock", remedy="run: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    right = desk.folder / "right"
    with CloudSimulator(clock=lambda: time.time() + (0 if right.exists() else 4000)) as cloud:
        right.touch()
        batch = desk.clouded(cloud)
        right.unlink()
        desk.stub("timedatectl", f'test "$*" = "set-ntp true" && touch {right}')
        yield Made(["pull", batch], lambda said: desk.types(said[1]))


@mistake("wrong product", "E121", Exit.USAGE, says="is of product", remedy="if it is meant: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    with CloudSimulator() as cloud:
        batch, other = desk.clouded(cloud), cloud.add_product("Fan").product_key
        yield Made(["pull", batch, "--product", other], lambda said: desk.types(said[1]), ["pull", batch])


@mistake("busy port", "E312", Exit.STATION_FAULT, says="is in use by", remedy="do: end that program: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    desk.shell.stock_up("cam1")
    desk.shell.write_profile()
    takes = "import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY), fcntl.LOCK_EX)"
    command = [sys.executable, "-S", "-c", f"{takes}; {HAS_IT}"]
    with (
        SimulatedAgentBoard(UID, desk.folder / "flash.bin") as board,
        held_by(desk, [*command, board.url]) as end,
    ):
        yield Made(["profile", "try", "cam", "--port", board.url], end)


@mistake("no permission", "E314", Exit.STATION_FAULT, says="may not be opened", remedy="do: (.*)   and log in again")
def _(desk: Desk) -> Iterator[Made]:
    """Of root, too: a command without the right to open all files is started for it."""
    desk.shell.write_profile()
    with SimulatedAgentBoard(UID, desk.folder / "flash.bin") as board:
        port = Path(board.url)
        port.chmod(0)
        desk.stub("usermod", f'test "$1 $3" = "-aG operator" && chmod 600 {port}')
        without = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if not os.geteuid() else []
        yield Made(["profile", "try", "cam", "--port", board.url], lambda said: desk.types(said[1]), through=without)


@mistake("no udev", "", Exit.OK, says="there is no", remedy="for /dev/station names: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    link = desk.folder / "dev" / "slot1"
    link.parent.mkdir()
    desk.sets("slot", [{"name": "1", "path": str(link)}])
    desk.stub("tee", f'test "$1" = /etc/udev/rules.d/60-station.rules && cat > {desk.folder}/rules')
    desk.stub("udevadm", f"grep -q dialout {desk.folder}/rules && touch {link}")
    yield Made(["doctor"], lambda said: desk.types(said[1]))


@mistake("config typo", "E110", Exit.USAGE, says="bench.langage is not", remedy="is “bench.(.*)” meant")
def _(desk: Desk) -> Iterator[Made]:
    desk.replaces(desk.shell.config, "language", "langage")
    yield Made(["status"], lambda said: desk.replaces(desk.shell.config, "langage", said[1]))


@mistake("profile typo", "", Exit.USAGE, says="there is no target “agnt”", remedy="is “(.*)” meant")
def _(desk: Desk) -> Iterator[Made]:
    desk.shell.write_profile(target="agnt", agent={"baud": 9600})
    desk.replaces(desk.folder / "profiles" / "cam.toml", 'agent = {"baud": 9600}', "[agent]\nbaud = 9600")
    yield Made(["profile", "check", "cam"], lambda said: desk.corrects_profile("target", said[1]))


@mistake("batch still generating", "E405", Exit.CLOUD, says="nothing came", remedy="just made: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    with CloudSimulator(ready_after_s=3600) as cloud:
        batch = desk.clouded(cloud)

        def wait(said: re.Match[str]) -> None:
            cloud.world.ready_after_s = 0
            desk.types(said[1])

        yield Made(["pull", batch, "--wait", "0"], wait)


@mistake("empty stock", "E500", Exit.NO_CERTIFICATES, says="no READY", remedy="another batch: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    with CloudSimulator() as cloud, SimulatedAgentBoard(UID, desk.folder / "flash.bin") as board:
        batch = desk.clouded(cloud)
        desk.shell.write_profile(products=list(cloud.world.products))
        yield Made(
            ["flash", "--profile", "cam", "--port", board.url],
            lambda said: desk.types(said[1].replace("BATCH", batch)),
        )


@mistake("double import", "", Exit.OK, says="1 new", remedy="")
def _(desk: Desk) -> Iterator[Made]:
    file = desk.folder / "certificates.csv"
    file.write_text(CSV)
    yield Made(["import", str(file)], lambda _: None)


@mistake("wrong file", "E122", Exit.USAGE, says="is damaged, or no text", remedy="to be filled in: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    (desk.folder / "photo.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))

    def fill_in(said: re.Match[str]) -> None:
        desk.types(said[1])
        book = openpyxl.load_workbook(desk.folder / "certificates.xlsx")
        assert book.active is not None
        book.active.append(["a1Cam", "cam1", SECRET])
        book.save(desk.folder / "certificates.xlsx")

    yield Made(["import", "photo.png"], fill_in, ["import", "certificates.xlsx"])


@mistake("mangled file", "E122", Exit.USAGE, says="1 bad rows", remedy="add (--skip-bad)")
def _(desk: Desk) -> Iterator[Made]:
    (desk.folder / "mangled.csv").write_text(f"{CSV}a1Cam,cam2,1.2E+31\n")
    again: list[str] = ["import", "mangled.csv"]
    yield Made(tuple(again), lambda said: again.append(said[1]), again)


@mistake(
    "wrong partition", "E202", Exit.BOARD_FAILED, says="no partition 'fctry'", remedy="name one that is there: (.*)"
)
def _(desk: Desk) -> Iterator[Made]:
    desk.shell.stock_up("cam1")
    desk.shell.write_profile(target="esp-nvs", chips=["esp32c3"])
    desk.corrects_profile("esp-nvs", {"partition": "fctry", "preset": "aliyun"})
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS[:3])) as board:
        yield Made(
            ["flash", "--profile", "cam", "--port", str(board.url)],
            lambda _: desk.corrects_profile("esp-nvs.partition", "nvs"),
        )


@mistake("other chip", "E202", Exit.BOARD_FAILED, says="profile cam takes", remedy="the right profile: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    desk.shell.stock_up("cam1")
    desk.shell.write_profile(chips=["esp32c3"])
    other = (
        (desk.folder / "profiles" / "cam.toml")
        .read_text()
        .replace('chips = ["esp32c3"]', "")
        .replace('"cam"', '"lamp"')
    )
    (desk.folder / "profiles" / "lamp.toml").write_text(other)
    with SimulatedAgentBoard(UID, desk.folder / "flash.bin") as board:
        flash = ["flash", "--port", board.url, "--profile"]
        yield Made([*flash, "cam"], lambda said: desk.types(said[1]), [*flash, "lamp"])


@mistake("no PIN", "E607", Exit.PERSON_NEEDED, says="no supervisor PIN is set", remedy="run: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    desk.shell.stock_up("cam1")
    retire = ["retire", "cam1", "--reason", "scrap", "--yes"]

    def set_it(said: re.Match[str]) -> None:
        code, shown = desk.shell.on_terminal(*shlex.split(said[1])[1:], answers=[("PIN", PIN), ("Repeat", PIN)])
        assert code == 0, shown

    yield Made(retire, set_it, [*retire, "--pin-file", desk.shell.private("pin", PIN)])


@mistake("full disk", "E320", Exit.STATION_FAULT, says="cannot be used now", remedy="in the way: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    """No file may grow beyond so many blocks of 1024 bytes: all that a ledger has at its beginning, and no more."""
    (desk.folder / "certificates.csv").write_text(CSV)
    full = ["bash", "-c", 'ulimit -f 64; exec "$@"', "bash"]
    yield Made(["import", "certificates.csv"], lambda said: desk.types(said[1]), through=full)


def recovered(desk: Desk, pin: Sequence[str]) -> Callable[[re.Match[str]], object]:
    """What came in meanwhile is not known here: so it says what is to be done before it is over."""

    def follow(said: re.Match[str]) -> None:
        done = desk.types(f"{said[1].replace('…', 'copied')} --yes {shlex.join(pin)}", ends=Exit.PERSON_NEEDED)
        then = re.search("then: (station recover --over --reason …)", done.err)
        assert then, done
        desk.types(f"{then[1].replace('…', 'looked')} --yes {shlex.join(pin)}")

    return follow


@mistake("ledger open elsewhere", "E320", Exit.STATION_FAULT, says="is held by", remedy="close it there; or: (.*)")
def _(desk: Desk) -> Iterator[Made]:
    """By an editor of databases, with a change that nobody saved."""
    (desk.folder / "certificates.csv").write_text(CSV)
    begins = "import sqlite3, sys; sqlite3.connect(sys.argv[1], isolation_level=None).execute('BEGIN IMMEDIATE')"
    command = [sys.executable, "-S", "-c", f"{begins}; {HAS_IT}", str(desk.folder / "state" / "ledger.db")]
    with held_by(desk, command) as end:
        yield Made(["import", "certificates.csv"], end)


@mistake("older ledger", "E702", Exit.INTEGRITY, says="is older than", remedy="a supervisor: (station.*…);")
def _(desk: Desk) -> Iterator[Made]:
    pin, state = desk.has_pin(), desk.folder / "state"
    shutil.copy(state / "ledger.db", desk.folder / "old.db")
    desk.shell.stock_up("cam1")
    assert desk("status").code == 0
    for file in state.glob("ledger.db*"):
        file.unlink()
    shutil.copy(desk.folder / "old.db", state / "ledger.db")
    yield Made(["status"], recovered(desk, pin))


@mistake("second station", "E702", Exit.INTEGRITY, says="another machine", remedy="a supervisor: (station.*…)")
def _(desk: Desk) -> Iterator[Made]:
    """A disk is copied to a second PC."""
    desk.machine = hardware(desk.folder / "first", 1)
    pin = desk.has_pin()
    desk.machine = hardware(desk.folder / "second", 2)
    yield Made(["status"], recovered(desk, pin))
