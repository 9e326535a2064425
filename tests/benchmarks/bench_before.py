# SPDX-License-Identifier: GPL-3.0-or-later
"""This tree beside an earlier one, in the same run: `python -m tests.benchmarks before:FOLDER`, where FOLDER is the
earlier one's checkout (`git worktree add --detach FOLDER COMMIT`).

Start-up (`--version`, `status`), first paint of the operator's screen, and claim+consume of 300 identities; each as a
process of its own under the same interpreter, the two trees in turn, so that a noisy moment hits both. Printed are the
median of the seconds and of the CPU seconds (user and system, of the whole process), and their ratios. Needs Linux.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

TURNS = 9
HERE = Path(__file__).parents[2]
PAINTED = b"Space: confirm"
_PAINT_WITHIN_S = 120.0
_SIZE = struct.pack("HHHH", 45, 160, 0, 0)

CLAIM = """
import sys, time
from pathlib import Path
try:
    from station.secrets.vault import Vault
except ImportError:
    from station.vault import Vault
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, Certificate, Evidence, Identity, IdentityKind, Method, Provider, Secret
ledger = Ledger(Path(sys.argv[1]), Vault(bytes(32)))
ledger.receive(BatchKey(provider=Provider.LIVING, batch_id="1", product_key="p"), [
    Identity(primary=Certificate(product_key="p", device_name=f"d{n}", device_secret=Secret(f"{n:032d}")))
    for n in range(300)])
started, cpu = time.perf_counter(), time.process_time()
for n in range(300):
    uid = BoardUid.parse(f"aa{n:010x}")
    claim = ledger.reserve(["p"], IdentityKind.SINGLE, uid, "1")
    ledger.begin(claim.attempt)
    digest = claim.identity.digest()
    ledger.consume(claim.attempt, Evidence(
        expected=digest, read=digest, uid_before=uid, uid_after=uid, method=Method.READBACK, after_reset=True))
print(time.perf_counter() - started, time.process_time() - cpu)
"""

Spent = tuple[float, float]
"""Seconds, CPU seconds."""


class Tree:
    """One of the two, with a configuration, a ledger and a profile that it made itself."""

    def __init__(self, tree: Path, folder: Path) -> None:
        folder.mkdir()
        self._folder, config = folder, folder / "station.toml"
        self._environment: Mapping[str, str] = {
            **os.environ,
            "PYTHONPATH": str(tree),
            "STATION_CONFIG": str(config),
            "XDG_STATE_HOME": str(folder / "witness"),
            "TERM": "xterm-256color",
            "PYTHONDONTWRITEBYTECODE": "",  # as it is installed: compiled once
            "PYTHONPYCACHEPREFIX": str(folder / "compiled"),
        }
        self._command("init", "--file", str(config), "--state-dir", str(folder / "state"))
        self._command("profile", "new", "cam", "--like", "agent", "--product", "a1B2c3D4e5F")
        where = "import station; print(station.__file__)"
        found = subprocess.run(
            [sys.executable, "-c", where], env=self._environment, cwd=folder, capture_output=True, text=True, check=True
        )
        assert found.stdout.startswith(str(tree)), f"{found.stdout} is not of {tree}"

    def version(self) -> Spent:
        return self._command("--version")

    def status(self) -> Spent:
        return self._command("status")

    def claims(self) -> Spent:
        """Of one identity."""
        with tempfile.TemporaryDirectory(dir=self._folder) as ledger:
            command = [sys.executable, "-c", CLAIM, f"{ledger}/ledger.db"]
            done = subprocess.run(
                command, env=self._environment, cwd=self._folder, capture_output=True, text=True, check=True
            )
        took, cpu = map(float, done.stdout.split())
        return took / 300, cpu / 300

    def paint(self) -> Spent:
        """Until the bench's last line of keys is on the terminal; the process is killed then."""
        started = time.perf_counter()
        pid, terminal = pty.fork()
        if not pid:
            os.chdir(self._folder)
            command = [sys.executable, "-m", "station", "run", "--profile", "cam", "--port", "/dev/ttyNONE"]
            os.execve(command[0], command, dict(self._environment))
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, _SIZE)
        shown = b""
        while PAINTED not in shown:
            ready, _, _ = select.select([terminal], [], [], _PAINT_WITHIN_S)
            if not ready:
                raise TimeoutError(shown[-400:])
            shown += os.read(terminal, 1 << 16)
        took = time.perf_counter() - started
        os.kill(pid, signal.SIGKILL)
        _, _, used = os.wait4(pid, 0)
        os.close(terminal)
        return took, used.ru_utime + used.ru_stime

    def _command(self, *arguments: str) -> Spent:
        command = [sys.executable, "-m", "station", *arguments]
        started = time.perf_counter()
        process = subprocess.Popen(
            command, env=self._environment, cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        assert process.returncode == 0, arguments
        return took, used.ru_utime + used.ru_stime


WHAT: Mapping[str, Callable[[Tree], Spent]] = {
    "station --version": Tree.version,
    "station status": Tree.status,
    "first paint": Tree.paint,
    "claim+consume": Tree.claims,
}


def compare(what: str, spend: Callable[[Tree], Spent], trees: Sequence[Tree]) -> None:
    times: list[list[Spent]] = [[] for _ in trees]
    for turn in range(TURNS + 1):
        for tree, spent in zip(trees, times, strict=True):
            took = spend(tree)
            if turn:  # the first one compiles and fills the cache
                spent.append(took)
    (before, cpu_before), (now, cpu_now) = (
        [statistics.median(column) for column in zip(*s, strict=True)] for s in times
    )
    print(
        f"{what:<18} before {before * 1e3:8.2f} ms, now {now * 1e3:8.2f} ms = {now / before:.2f}x;"
        f"  CPU before {cpu_before * 1e3:8.2f} ms, now {cpu_now * 1e3:8.2f} ms = {cpu_now / cpu_before:.2f}x",
        flush=True,
    )


def main(earlier: str = "") -> None:
    if not earlier:
        print("no earlier tree was named: before:FOLDER")
        return
    with tempfile.TemporaryDirectory() as name:
        trees = [Tree(Path(earlier).absolute(), Path(name) / "before"), Tree(HERE, Path(name) / "now")]
        for what, spend in WHAT.items():
            compare(what, spend, trees)


if __name__ == "__main__":
    main(*sys.argv[1:])
