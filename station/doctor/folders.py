# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of where a bench keeps its things: whose folders and files they are, and on what kind of disk they lie.

What can be set right without a loss comes with what does it. `root`: where the system's own files are, / but in tests.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from station.codes import Code
from station.config.settings import Config
from station.doctor import Finding, Level
from station.log.journal import SOCKET, is_stderr
from station.log.log import MIB, file_of, most_bytes

_OVER_THE_NETWORK: Final = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "9p", "virtiofs", "fuse.sshfs", "fuse.glusterfs"}
)
_MOUNTS: Final = "proc/self/mountinfo"


def private(state: Path, key: Path) -> Iterator[Finding]:
    """May others look into the ledger's folder, or at what is in it?"""
    ledger = state / "ledger.db"
    files = [key, *(ledger.with_name(f"{ledger.name}{end}") for end in ("", "-wal", "-shm"))]
    for path, mode in ((state, 0o700), *((file, 0o600) for file in files)):
        if path.exists() and path.stat().st_mode & 0o777 & ~mode:
            yield Finding(
                check="private",
                level=Level.WRONG,
                what=f"{path} is not for this user alone",
                do=f"chmod {mode:o} {shlex.quote(str(path))}",
                code=Code.E114,
                fix=partial(path.chmod, mode),
            )


def profiles(folder: Path) -> Iterator[Finding]:
    """Is the folder there that profiles are looked for in?"""
    if not folder.exists():
        yield Finding(
            check="profiles",
            level=Level.WARNING,
            what=f"there is no {folder}",
            do=f"mkdir -p {shlex.quote(str(folder))}",
            fix=partial(folder.mkdir, parents=True, exist_ok=True),
        )


def local(state: Path, root: Path = Path("/")) -> Iterator[Finding]:
    """Does the ledger lie on a disk of this PC? Over a network a lock may be given twice, and a commit be lost that was
    told to be on the disk."""
    kind = kind_of_disk(state, root)
    if kind in _OVER_THE_NETWORK:
        yield Finding(
            check="local",
            level=Level.WRONG,
            what=f"{state} lies on {kind}, which is another machine's disk",
            do="move it to a disk of this PC and set [bench] state_dir; benches share a ledger by: station ledger copy",
            code=Code.E321,
        )


def log(config: Config) -> Iterator[Finding]:
    """Can the log be written, and does all that is kept of it fit on its disk?"""
    path = file_of(config)
    if path is None:
        if not (is_stderr(os.environ, sys.stderr) or SOCKET.exists()):
            yield _of_log(f"there is no {SOCKET}, and so no journal", "set [log] file to a file")
        return
    folder = path.parent
    if not all(os.access(there, os.W_OK) for there in (folder, path) if there == folder or there.exists()):
        do = f"make {shlex.quote(str(folder))}, and what is in it, writable for this user"
        yield _of_log(f"the log {path} cannot be written", do)
        return
    if path.is_symlink() or (path.exists() and not path.is_file()):
        yield _of_log(f"{path} is no plain file", "name another one in [log] file")
        return
    there = sum(file.stat().st_size for file in folder.glob(f"{path.name}*"))
    wanted, free = max(0, most_bytes(config) - there), shutil.disk_usage(folder).free
    if free < wanted:
        what = f"{folder} has {free // MIB} MiB free, and the log may want {wanted // MIB} more"
        yield _of_log(what, "make room, or less [log] max_mib or keep")


def _of_log(what: str, do: str) -> Finding:
    """Boards are flashed without it."""
    return Finding(check="log", level=Level.WARNING, what=what, do=do, code=Code.E332)


def kind_of_disk(path: Path, root: Path = Path("/")) -> str:
    """The file system's name, as proc_pid_mountinfo(5) has it; "" where nobody knows."""
    try:
        lines = (root / _MOUNTS).read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    real, best, kind = path.resolve(), -1, ""
    for line in lines:
        before, _, after = line.partition(" - ")
        place = Path(before.split()[4].encode().decode("unicode_escape")) if len(before.split()) > 4 else None
        if place and after and real.is_relative_to(place) and len(place.parts) >= best:
            best, kind = len(place.parts), after.split()[0]
    return kind
