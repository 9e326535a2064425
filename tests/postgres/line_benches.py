# SPDX-License-Identifier: GPL-3.0-or-later
"""Benches of a line: each a folder with a station.toml, slots, and simulated boards in them; all with one key."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from station.config.settings import load
from station.ledger.postgres.connection import LineConnection
from station.ledger.store import Ledger
from station.ledger.where import where
from station.model import BoardUid
from station.secrets.keys import create_key, open_vault
from station.simulate.agent_board import Misbehaviour, SimulatedAgentBoard, read_identity
from tests.cli.cli_shell import Shell
from tests.ledger.ledger_samples import BATCH, single
from tests.started import start

PROFILE = 'name = "cam"\ntarget = "agent"\nproducts = ["a1Camera"]\n'


class Line:
    """`url`: of the ledger, as a bench logs in; `direct`: where that is another way, the one that is never cut."""

    def __init__(self, url: str, folder: Path, *, direct: str = "") -> None:
        self.url, self.direct, self.folder = url, direct or url, folder
        self.boards = folder / "boards"
        self.boards.mkdir()
        self.key = folder / "line.key"
        create_key(self.key)
        self.benches: list[LineBench] = []

    def bench(self, slots: int = 2) -> LineBench:
        name = f"bench-{len(self.benches) + 1}"
        self.benches.append(LineBench(name, self.folder / name, self, slots))
        return self.benches[-1]

    def ledger(self) -> Ledger:
        """As one who looks after the line sees it."""
        return Ledger(LineConnection(self.direct, self.folder / "office.line"), open_vault(self.key), actor="office")

    def stock_up(self, many: int) -> None:
        with self.ledger() as ledger:
            ledger.receive(BATCH, [single(f"cam{n}") for n in range(many)])

    def held(self) -> dict[BoardUid, list[str]]:
        """The names that are in each board's storage."""
        return {
            BoardUid(store.stem): [str(certificate.name) for certificate in read_identity(store) or ()]
            for store in self.boards.glob("*.bin")
        }

    def violations(self) -> list[str]:
        """What is wrong with what is IN the boards, beside the ledger."""
        held = self.held()
        times = Counter(name for names in held.values() for name in names)
        wrong = [f"{name} is on {n} boards" for name, n in times.items() if n > 1]
        with self.ledger() as ledger:
            ledger.audit.verify()
            for uid, names in held.items():
                bound = ledger.bound_to(uid)
                if [str(bound.name)] * bool(names) != names if bound else names:
                    wrong.append(f"board {uid} holds {names}, the ledger says {bound}")
        return wrong


class TellingBoard(SimulatedAgentBoard):
    """Calls somebody up the first time it is asked for something, and answers after that."""

    def __init__(self, uid: str, store: Path, link: Path, *, asked: bytes, then: Callable[[], None]) -> None:
        self._asked, self._then = asked, then
        super().__init__(uid, store, link)

    def _answer(self, verb: bytes, arguments: list[bytes]) -> bytes:
        if verb == self._asked:
            self._asked = b""
            self._then()
        return super()._answer(verb, arguments)


class LineBench:
    """One bench PC."""

    def __init__(self, name: str, folder: Path, line: Line, slots: int) -> None:
        self.name, self.folder, self.line = name, folder, line
        self.state = folder / "state"
        for made in (folder, self.state, folder / "dev", folder / "profiles"):
            made.mkdir(mode=0o700)
        shutil.copy(line.key, self.state / "station.key")
        (folder / "profiles" / "cam.toml").write_text(PROFILE)
        self.links = {str(n): folder / "dev" / f"slot{n}" for n in range(1, slots + 1)}
        self.shell = Shell(folder)
        self.shell.environment["XDG_STATE_HOME"] = str(folder / "home")
        self.configure(line.url)
        self.plugged = ExitStack()

    def configure(self, url: str, more: str = "") -> None:
        bench = f'[bench]\nname = "{self.name}"\nstate_dir = "{self.state}"\nprofile = "cam"\n'
        slots = "".join(f'[[slot]]\nname = "{name}"\npath = "{link}"\n' for name, link in self.links.items())
        text = f'{bench}[ledger]\nurl = "{url}"\nwitnesses = ["{self.folder}/witness"]\n{more}{slots}'
        self.shell.config.write_text(text)

    def plug_telling(self, uid: str, asked: bytes, then: Callable[[], None]) -> None:
        """A board into the first slot; `then` is called in the middle of its visit."""
        store = self.line.boards / f"{uid}.bin"
        self.plugged.enter_context(TellingBoard(uid, store, self.links["1"], asked=asked, then=then))

    def plug(self, *uids: str, faults: Misbehaviour | None = None) -> None:
        """A board into each slot."""
        for uid, link in zip(uids, self.links.values(), strict=False):
            store = self.line.boards / f"{uid}.bin"
            self.plugged.enter_context(SimulatedAgentBoard(uid, store, link, faults=faults))

    def unplug(self) -> None:
        self.plugged.close()

    def open_ledger(self) -> Ledger:
        """As a program of this bench does, without what surrounds it."""
        place = where(load(self.shell.config, {}, {}))
        assert not isinstance(place, Path)
        return Ledger(LineConnection(place.url, place.path), open_vault(self.state / "station.key"), actor=self.name)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """`station …`, going on by itself; its events are lines of JSON."""
        command = [sys.executable, "-m", "station", *arguments]
        environment = {**os.environ, **self.shell.environment}
        return start(command, env=environment)
