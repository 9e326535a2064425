# SPDX-License-Identifier: GPL-3.0-or-later
"""A PostgreSQL of the demo's own: made in a temporary folder, reached by a socket in it, and gone with it."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from station.codes import Code
from station.errors import LedgerFault, StationFault, UsageError
from station.ledger.server import BENCH, set_up

_PACKAGED = Path("/usr/lib/postgresql")
_READY_S = 60.0
_SETTINGS = "listen_addresses = ''\nunix_socket_directories = '{folder}'\nmax_connections = 200\n"


class Database:
    """A context. UsageError E118 where PostgreSQL's programs are not here."""

    def __init__(self) -> None:
        self._programs = _programs()
        self._running: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder = Path(tempfile.mkdtemp(prefix="station-pg-"))
        self._data = self.folder / "data"
        self._user = _who_may_run_it()
        if self._user:
            shutil.chown(self.folder, self._user)
            self.folder.chmod(0o711)
        command = f"{self._programs}/initdb -U admin -A trust -E UTF8 --locale=C -D {self._data}".split()
        made: subprocess.CompletedProcess[bytes] = subprocess.run(  # noqa: S603 - the server's own
            command, **self._as_user(), capture_output=True, check=False
        )
        if made.returncode:
            shutil.rmtree(self.folder, ignore_errors=True)
            raise StationFault("PostgreSQL's initdb failed", do=made.stderr.decode(errors="replace")[-500:])
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(_SETTINGS.format(folder=self.folder))
        self.start()
        self._set_up()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def url(self, role: str = BENCH) -> str:
        return f"postgresql://{role}@/postgres?host={self.folder}"

    def start(self) -> None:
        ends_with_us = ["setpriv", "--pdeathsig", "QUIT"] if shutil.which("setpriv") else []
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(  # noqa: S603 - the server's own
                [*ends_with_us, self._programs / "postgres", "-D", self._data],
                stdout=log,
                stderr=log,
                **self._as_user(),
            )

    def kill(self) -> None:
        """As a power cut would."""
        self._end(signal.SIGKILL)

    def _set_up(self) -> None:
        deadline = time.monotonic() + _READY_S
        while True:
            try:
                set_up(self.url("admin"))
            except LedgerFault:
                if time.monotonic() > deadline:
                    self._end(signal.SIGQUIT)
                    raise
                time.sleep(0.1)
            else:
                return

    def _end(self, how: signal.Signals) -> None:
        if self._running is not None:
            self._running.send_signal(how)
            self._running.wait()
            self._running = None

    def _as_user(self) -> dict[str, Any]:
        own = {"cwd": self.folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C"}}
        if self._user:
            own |= {"user": self._user, "group": pwd.getpwnam(self._user).pw_gid, "extra_groups": []}
        return own


def _programs() -> Path:
    packaged = sorted(_PACKAGED.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    found = packaged[-1] if packaged else shutil.which("postgres")
    if found is None:
        raise UsageError(
            "the demo of a line needs PostgreSQL’s programs (13 or later), and they are not here",
            do="sudo apt install postgresql (or your system's package), then again; the demo of one bench needs none",
            code=Code.E118,
        )
    return Path(found).resolve().parent


def _who_may_run_it() -> str:
    """It refuses to be root; "" where we are not."""
    return "nobody" if os.geteuid() == 0 else ""
