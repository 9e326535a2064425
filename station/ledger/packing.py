# SPDX-License-Identifier: GPL-3.0-or-later
"""What the one file of a backup is: tar.gz with `manifest.json`, `ledger.db`, `station.toml`, `profiles/*.toml`,
`station.key`, those that there are. Nobody can work with it; see `backup` for the way back."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from station.ledger import audit
from station.whole import sync_names

LEDGER, KEY, CONFIG, PROFILES, MANIFEST = "ledger.db", "station.key", "station.toml", "profiles", "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """What a file holds; `at`: when it was made, UTC; `head`: the last line that no power cut takes from the ledger
    that was copied, so that what is noted of it stays true there."""

    at: str
    head: audit.Head
    has_key: bool


def pack(room: Path, file: Path, made: Backup, others: Mapping[str, bytes]) -> None:
    """`room` holds a copy of the ledger under its name here, and `others` are members by theirs; the file is 0600, and
    on the disk whole or not at all. OSError."""
    told = {"backup": 1, "at": made.at, "lines": made.head.seq, "head": made.head.hash, "key": made.has_key}
    part = room / "part"
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        with tarfile.open(fileobj=out, mode="w:gz", compresslevel=6) as tar:
            _add(tar, MANIFEST, json.dumps(told).encode())
            tar.add(room / LEDGER, LEDGER, filter=_private)
            for name, content in others.items():
                _add(tar, name, content)
        out.flush()
        os.fsync(out.fileno())
    part.rename(file)
    sync_names(file.parent)


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = len(content), 0o600
    tar.addfile(member, io.BytesIO(content))


def _private(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.mode, member.uid, member.gid, member.uname, member.gname = 0o600, 0, 0, "", ""
    return member
