# SPDX-License-Identifier: GPL-3.0-or-later
"""PCs with hardware of their own, on which the real `station` runs; boards that can be opened; and the judge."""

from __future__ import annotations

import atexit
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from station.errors import ConfigError
from station.ledger import machine
from station.ledger.store import Ledger
from station.secrets.keys import open_vault
from station.simulate.agent_board import SimulatedAgentBoard, read_identity
from tests.inside import run
from tests.raw import raw
from tests.started import start

PIN = "246810"
ELSEWHERE = (
    "import sys; from pathlib import Path; from station.ledger import machine;"
    " machine.ROOT = Path(sys.argv.pop()); from station.cli import main; main()"
)
"""`python -c` of it is `station`; behind its arguments stands where another PC's hardware is."""


def hardware(root: Path, number: int, *, machine_id: str = "f" * 31 + "1", board: str = "", cards: int = 1) -> Path:
    """The files that tell a PC from another one. The system's own, machine-id, comes with the disk's image."""
    files = {
        "etc/machine-id": machine_id,
        "sys/class/dmi/id/product_uuid": board or f"4c4c4544-0000-4b10-8058-00000000000{number}",
        "sys/block/sda/device/wwid": f"naa.5000c50000000{number:03d}",
    }
    for card in range(cards):
        files[f"sys/class/net/eth{card}/address"] = f"a0:36:9f:00:0{card}:{number:02x}"
        files[f"sys/class/net/eth{card}/addr_assign_type"] = "0"
        files[f"sys/class/net/eth{card}/device/uevent"] = ""
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text + "\n")
    return root


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit {self.code}\n{self.out}{self.err}"


class PC:
    """`disk` is what an image of it copies: state, configuration, home, and the witness in it."""

    def __init__(self, disk: Path, root: Path) -> None:
        self.disk, self.root = disk, root
        self.config, self.state = disk / "station.toml", disk / "state"
        disk.mkdir(exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        home = {"HOME": str(self.disk), "XDG_STATE_HOME": str(self.disk / "xdg-state"), "XDG_CONFIG_HOME": "/none"}
        return {**os.environ, **home}

    def words(self, arguments: Sequence[str]) -> list[str]:
        configured = ["--config", str(self.config)] if self.config.exists() else []
        return [*configured, *arguments]

    def __call__(self, *arguments: str) -> Done:
        with patch.object(machine, "ROOT", self.root):
            done = run(self.words(arguments), env=self.environment, cwd=self.disk)
        return Done(done.returncode, done.stdout, done.stderr)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", ELSEWHERE, *self.words(arguments), str(self.root)]
        return start(command, env=self.environment)

    def supervised(self, *arguments: str) -> Done:
        return self(*arguments, "--reason", "as the test says", "--pin-file", str(self.pin))

    @property
    def pin(self) -> Path:
        return self.disk / "pin"

    @property
    def witness(self) -> Path:
        return self.disk / "xdg-state" / "certificate-station" / "witness"

    def set_up(self, names: int) -> PC:
        """A configured bench with so many certificates in the ledger, from a file. Of one that begins on an empty disk
        there is an image, made by the commands once for such hardware."""
        if any(self.disk.iterdir()):
            return self.begin(names)
        image = _image(names, tuple(sorted((str(p.relative_to(self.root)), p.read_text()) for p in _files(self.root))))
        self.disk.rmdir()
        return image.again(self.disk, self.root)

    def again(self, disk: Path, root: Path) -> PC:
        """As it is, on such hardware, as if it had always been at `disk`."""
        made = self.clone(disk, root)
        for journal in made.witness.iterdir():  # its first line says where its ledger is
            journal.write_text(journal.read_text().replace(str(self.disk), str(disk)))
        return made

    def begin(self, names: int) -> PC:
        """By the real commands."""
        self.pin.write_text(PIN)
        self.pin.chmod(0o600)
        made = self("init", "--file", str(self.config), "--state-dir", str(self.state))
        assert made.code == 0, made
        profiles = self.disk / "profiles"
        (profiles / "cam.toml").write_text('name = "cam"\ntarget = "agent"\nproducts = ["a1Cam"]\n')
        assert self("supervisor", "set-pin", "--new-pin-file", str(self.pin)).code == 0
        if names:
            self.import_batch("first", names)
        return self

    def import_batch(self, name: str, count: int, *, pad: str = "x") -> None:
        """Another `pad` makes other secrets under the same names."""
        file = self.disk / f"{name}.csv"
        rows = (f"a1Cam,{name}{n:03d},{n:08d}{name:{pad}>24}\n" for n in range(count))
        file.write_text("ProductKey,DeviceName,DeviceSecret\n" + "".join(rows))
        done = self("import", str(file))
        assert done.code == 0, done

    def clone(self, disk: Path, root: Path) -> PC:
        """The disk's image in another PC: the same paths on it, so its configuration is the same text there."""
        shutil.copytree(self.disk, disk, symlinks=True)
        other = PC(disk, root)
        other.config.write_text(self.config.read_text().replace(str(self.disk), str(disk)))
        return other

    def ledger(self) -> Ledger:
        return Ledger(self.state / "ledger.db", open_vault(self.state / "station.key"))

    def states(self) -> Counter[str]:
        with self.ledger() as ledger, raw(ledger.path) as db:
            return Counter(row["state"] for row in db.execute("SELECT state FROM identities"))

    def release_all(self) -> None:
        """Every withheld identity that may, by a supervisor."""
        with self.ledger() as ledger:
            for batch in {row.key.batch_id for row in ledger.batches.all()}:
                with suppress(ConfigError):  # nothing of it is withheld
                    ledger.withheld.let_batch_back(batch, "as the test says", by="supervisor")


def _files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file()]


@functools.cache
def _image(names: int, files: tuple[tuple[str, str], ...]) -> PC:
    folder = Path(tempfile.mkdtemp(prefix="image-"))
    atexit.register(shutil.rmtree, folder)
    for name, text in files:
        (folder / "pc" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "pc" / name).write_text(text)
    return PC(folder / "disk", folder / "pc").begin(names)


class Floor:
    """Boards by number; each has its storage file for life."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def board(self, number: int, link: Path | None = None) -> SimulatedAgentBoard:
        return SimulatedAgentBoard(f"5a{number:014d}", self.folder / f"{number}.bin", link)

    def flash(self, pc: PC, *numbers: int, profile: str = "cam") -> Done:
        """All of them at once, in slots of their own."""
        with ExitStack() as plugged:
            boards = [plugged.enter_context(self.board(number)) for number in numbers]
            ports = [part for board in boards for part in ("--port", board.url)]
            return pc("flash", "--profile", profile, *ports)

    def holds(self, number: int) -> str | None:
        found = read_identity(self.folder / f"{number}.bin")
        return found[0].device_name if found else None

    def doubles(self) -> dict[str, int]:
        """Identities on more than one board: what must never be."""
        held = Counter(
            certificate.device_name for file in self.folder.glob("*.bin") for certificate in read_identity(file) or []
        )
        return {name: boards for name, boards in held.items() if boards > 1}
