# SPDX-License-Identifier: GPL-3.0-or-later
"""The `station` command as a user runs it: its two outputs and its exit code."""

from __future__ import annotations

import json
import os
import pty
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from station.codes import Exit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, Identity, Provider, Secret
from station.secrets.keys import open_vault
from tests import inside
from tests.forked import run
from tests.started import start

PIN = "246810"


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


class Shell:
    """Runs commands in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.config = folder, folder / "station.toml"
        home = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "none"), "STATION_CONFIG": str(self.config)}
        home["PAGER"] = "cat"  # nobody is there to end one
        self.environment = {**os.environ, **home}

    def __call__(self, *arguments: str) -> Done:
        """In this process, but of another thread: one of its own would cost three times what most commands do."""
        if threading.current_thread() is not threading.main_thread():
            return self.apart(*arguments)
        done = inside.run(arguments, env=self._here(), cwd=Path.cwd())
        return Done(done.returncode, done.stdout, done.stderr)

    def apart(self, *arguments: str, timeout: float = 60) -> Done:
        """In a process of its own, where signals, locks, or what is left behind are the matter."""
        command = [sys.executable, "-m", "station", *arguments]
        done = run(command, env=self._here(), timeout=timeout)
        return Done(done.returncode, done.stdout, done.stderr)

    def _here(self) -> dict[str, str]:
        return self.environment if self.config.exists() else {**self.environment, "STATION_CONFIG": ""}

    def begin(self) -> None:
        """As `station init` leaves it."""
        made = self("init", "--file", str(self.config), "--state-dir", str(self.folder / "state"))
        assert made.code == Exit.OK, made.err

    def on_terminal(self, *arguments: str, answers: Sequence[tuple[str, str]]) -> tuple[int, str]:
        """The exit code and all that the terminal showed; each answer is typed when its question has appeared."""
        ours, theirs = pty.openpty()
        process = start([sys.executable, "-m", "station", *arguments], env=self.environment, terminal=theirs)
        os.close(theirs)
        shown, waiting = b"", list(answers)
        try:
            while chunk := _read(ours):
                shown += chunk
                if waiting and waiting[0][0].encode() in shown:
                    _, answer = waiting.pop(0)
                    os.write(ours, f"{answer}\n".encode())
        finally:
            os.close(ours)
        return process.wait(timeout=60), shown.decode()

    def open_ledger(self) -> Ledger:
        state = self.folder / "state"
        return Ledger(state / "ledger.db", open_vault(state / "station.key"))

    def stock_up(self, *names: str, batch: str = "77") -> None:
        page = [
            Identity(primary=Certificate(product_key="a1Cam", device_name=n, device_secret=Secret(f"Secret-{n}")))
            for n in names
        ]
        with self.open_ledger() as ledger:
            ledger.receive(BatchKey(provider=Provider.LIVING, batch_id=batch, product_key="a1Cam"), page)

    def write_profile(self, **more: object) -> None:
        folder = self.folder / "profiles"
        folder.mkdir(exist_ok=True)
        lines = {"name": "cam", "target": "agent", "products": ["a1Cam"], **more}
        (folder / "cam.toml").write_text("".join(f"{k} = {json.dumps(v)}\n" for k, v in lines.items()))

    def private(self, name: str, text: str) -> str:
        """A 0600 file with this text; its path."""
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)


def _read(terminal: int) -> bytes:
    """What was printed since; nothing once the program has ended (Linux says EIO then)."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""
