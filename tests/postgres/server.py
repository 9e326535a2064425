# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL of the tests' own: real, in a temporary folder, run by an ordinary user, that may be killed and started
again. It listens on a socket in its folder, where everybody is let in, and on loopback, where a password is asked.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

from station.ledger.server import set_up
from tests import memory
from tests.postgres.initialised import as_user, ordinary_user, unpack
from tests.waiting import is_gone, until

_DEADLINE_S = 60
_HBA = "local all all trust\nlocal replication all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"


def programs() -> Path | None:
    """The folder of the server's own programs, as STATION_POSTGRES says, else the newest version's; None: no server."""
    if named := os.environ.get("STATION_POSTGRES"):
        return Path(named).resolve()
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = packaged[-1] if packaged else shutil.which("postgres")
    return Path(found).resolve().parent if found else None


@cache
def shared() -> Server:
    """One for all tests of a process, as long as it lives."""
    return Server().start()


def remove_shared() -> None:
    """At the end of a process that may have used it."""
    if shared.cache_info().currsize:
        shared().remove()


class Server:
    """As `initdb` makes it. `settings` go to its configuration."""

    def __init__(
        self,
        *,
        like: Server | None = None,
        environment: dict[str, str] | None = None,
        on_disk: bool = False,
        **settings: str,
    ) -> None:
        """`like`: a standby of that one, which runs: it has what that one has, and follows it while it can.
        `environment`: what its programs find in theirs besides. `on_disk`: where its syncs cost what a disk's do; a
        test kills programs, never the system, so memory keeps what a disk would."""
        self._environment = environment or {}
        found = programs()
        assert found is not None
        self._programs = found
        place = "/tmp" if on_disk else memory.roomy() or "/tmp"  # a socket's path is short
        self.folder = Path(tempfile.mkdtemp(prefix="station-pg-", dir=place))
        self.folder.chmod(0o755)
        self.data = self.folder / "data"
        self.log = self.folder / "log"
        self.user = ordinary_user()
        if self.user:
            shutil.chown(self.folder, self.user)
        self.port = _free_port()
        self._running: subprocess.Popen[bytes] | None = None
        if like is None:
            unpack(self._programs, self.data)
            self._write("pg_hba.conf", _HBA)
        else:
            self._run("pg_basebackup", "-d", like.url(), "-D", self.data, "-R", "-c", "fast", "-N")
        self.set(
            listen_addresses="127.0.0.1",
            unix_socket_directories=str(self.folder),
            port=str(self.port),
            password_encryption="scram-sha-256",
            **settings,
        )

    def set(self, **settings: str) -> None:
        """Lines of its configuration, for the next start."""
        content = (self.data / "postgresql.conf").read_text("utf-8")
        self._write("postgresql.conf", content + "".join(f"{key} = '{value}'\n" for key, value in settings.items()))

    def start(self) -> Server:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                # tests that are killed leave no server behind
                ["setpriv", "--pdeathsig", "QUIT", self._programs / "postgres", "-D", self.data],
                stdout=log,
                stderr=log,
                **self._as_user(),
            )
        self.wait()
        return self

    def wait(self) -> None:
        """Until it takes connections."""
        deadline = time.monotonic() + _DEADLINE_S
        while True:
            try:
                psycopg.connect(self.url()).close()
            except psycopg.OperationalError:
                alive = self._running is not None and self._running.poll() is None
                assert alive and time.monotonic() < deadline, self.log.read_text("utf-8")
                time.sleep(0.02)
            else:
                return

    def backends(self) -> list[int]:
        """The processes of whoever is connected, but for this question."""
        with psycopg.connect(self.url()) as db:
            sql = (
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
                " ORDER BY random()"
            )
            return [pid for (pid,) in db.execute(sql)]

    def tell_log_writer(self, what: signal.Signals) -> None:
        """It writes the log that no commit waits for."""
        with psycopg.connect(self.url()) as db:
            for (pid,) in db.execute("SELECT pid FROM pg_stat_activity WHERE backend_type = 'walwriter'"):
                os.kill(pid, what)

    def worked_s(self) -> float:
        """Seconds for which processors have worked for it, those of processes that ended with them."""
        assert self._running is not None
        first = self._running.pid
        children = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        return _worked_s(first, with_ended=True) + sum(_worked_s(int(pid)) for pid in children)

    def end(self, *backends: int) -> None:
        """As an administrator does it; they are gone then."""
        for pid in backends:
            self.execute(f"SELECT pg_terminate_backend({pid})")
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in backends))

    def stop(self) -> None:
        """At once, as `pg_ctl stop -m immediate` does: what is committed is in its log."""
        self._end(signal.SIGQUIT)

    def kill(self) -> None:
        """As a power cut would, but for what the kernel has already: none of its processes answers any more. One that
        outlives the first may still commit what is being asked of it.
        """
        if self._running is None:
            return
        first = self._running.pid
        self._running.send_signal(signal.SIGSTOP)  # it starts no other
        others = [int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()]
        self._end(signal.SIGKILL)
        for pid in others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        until(lambda: all(is_gone(pid) for pid in others))

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, database: str = "postgres", user: str = "admin") -> str:
        """By the socket."""
        return f"postgresql://{user}@/{database}?host={self.folder}&port={self.port}"

    def tcp_url(self, database: str = "postgres", user: str = "admin") -> str:
        return f"postgresql://{user}@127.0.0.1:{self.port}/{database}?sslmode=disable"

    def execute(self, statement: str, database: str = "postgres") -> None:
        """As the administrator, each statement for itself."""
        with psycopg.connect(self.url(database), autocommit=True) as db:
            db.execute(statement.encode())

    def copy(self, template: str, database: str) -> str:
        """A database like `template`, of its own; its name. Through the log each page would be written twice."""
        with psycopg.connect(self.url(), autocommit=True) as db:
            copied = " STRATEGY file_copy" if db.info.server_version >= 15_00_00 else ""  # before, there was no other
            db.execute(f"CREATE DATABASE {database} TEMPLATE {template}{copied}".encode())
        return database

    def put_back(self, database: str) -> None:
        """A dump of its ledger, restored in its place."""
        dump = self.folder / "dump"
        self._run("pg_dump", "-d", self.url(database), "--schema=station", "--clean", "-f", dump)
        self._run("psql", "-d", self.url(database), "-q", "-v", "ON_ERROR_STOP=1", "-f", dump)

    def _write(self, name: str, content: str) -> None:
        (self.data / name).write_text(content, "utf-8")  # over what initdb made, so it stays its user's

    def _run(self, program: str, *arguments: str | Path) -> None:
        subprocess.run([self._programs / program, *arguments], **self._as_user(), check=True, capture_output=True)

    def _as_user(self) -> dict[str, Any]:
        how = as_user(self.folder)
        return how | {"env": how["env"] | self._environment}

    def _end(self, how: signal.Signals) -> None:
        if self._running is not None:
            with suppress(ProcessLookupError):
                self._running.send_signal(how)
            self._running.wait(_DEADLINE_S)
            self._running = None


@cache
def empty_ledger(server: Server) -> str:
    """A database with a ledger as `station ledger init` makes it, to be copied from."""
    server.execute("CREATE DATABASE made")
    set_up(server.url("made"))
    return "made"


def _worked_s(pid: int, *, with_ended: bool = False) -> float:
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15]
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return sum(map(int, ticks if with_ended else ticks[:2])) / os.sysconf("SC_CLK_TCK")


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
