# SPDX-License-Identifier: GPL-3.0-or-later
"""Puts the unit in its place and asks systemd about it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from station.codes import Code
from station.errors import ConfigError, StationFault
from station.service.unit import Service, unit_text
from station.whole import READ_BY_ALL, put_whole

UNIT, FOLDER = "station.service", Path("/etc/systemd/system")
_RELOAD = ("daemon-reload",)
_BEGINS = (_RELOAD, ("enable", UNIT), ("restart", UNIT))
_ENDS = ("disable", "--now", UNIT)
_ASKED = ("LoadState", "ActiveState", "SubState", "UnitFileState", "MainPID", "ExecMainStatus", "ActiveEnterTimestamp")


def install(service: Service, folder: Path = FOLDER) -> Path:
    """Write it, and have systemd begin it now and at each start of the PC. Whoever has an older one gets this one.

    StationFault E300 when this user may not; ConfigError E118 where no systemd is.
    """
    _require_systemd()
    path = folder / UNIT
    try:
        put_whole(path, unit_text(service), mode=READ_BY_ALL)
    except OSError as error:
        raise _not_permitted(path, error) from error
    for words in _BEGINS:
        _control(*words)
    return path


def would_install(folder: Path = FOLDER) -> Sequence[str]:
    """What `install` does, in words; its errors, as far as they are known before."""
    _require_systemd()
    if not os.access(folder, os.W_OK):
        raise _not_permitted(folder / UNIT, PermissionError(13, "Permission denied"))
    return (f"write {folder / UNIT}", *(f"systemctl {' '.join(words)}" for words in _BEGINS))


def would_remove(folder: Path = FOLDER) -> Sequence[str]:
    """Likewise what `remove` does; () when there is none."""
    _require_systemd()
    if not (folder / UNIT).exists():
        return ()
    return (f"systemctl {' '.join(_ENDS)}", f"remove {folder / UNIT}", f"systemctl {' '.join(_RELOAD)}")


def remove(folder: Path = FOLDER) -> Path | None:
    """End it after the boards in hand, and take the unit away; None when there is none. Nothing else is touched."""
    _require_systemd()
    path = folder / UNIT
    if not path.exists():
        return None
    if not os.access(folder, os.W_OK):
        raise _not_permitted(path, PermissionError(13, "Permission denied"))
    _control(*_ENDS)
    path.unlink()
    _control(*_RELOAD)
    return path


def state() -> Mapping[str, str]:
    """What systemd says of it, by its own names (systemctl show)."""
    _require_systemd()
    asked = ["systemctl", "show", UNIT, "--property", ",".join(_ASKED)]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - fixed words
    if done.returncode:
        raise StationFault(f"systemd does not answer: {done.stderr.strip()}", do="systemctl status station")
    pairs = (line.partition("=") for line in done.stdout.splitlines())
    return {name: value for name, _, value in pairs if name in _ASKED}


def logs_command(lines: int, *, follow: bool) -> list[str]:
    """What shows its journal."""
    if shutil.which("journalctl") is None:
        raise ConfigError("there is no journal here", do="see where this system keeps its logs", code=Code.E118)
    return ["journalctl", "--unit", UNIT, "--lines", str(lines), *(["--follow"] if follow else [])]


def _control(*words: str) -> None:
    done = subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607
    if done.returncode:
        raise StationFault(
            f"systemctl {' '.join(words)}: {done.stderr.strip() or done.returncode}",
            do="station service status; systemctl status station",
        )


def _require_systemd() -> None:
    if shutil.which("systemctl") is None:
        raise ConfigError(
            "systemd is not here", do="start `station flash --watch` by what this system has", code=Code.E118
        )


def _not_permitted(path: Path, error: OSError) -> StationFault:
    return StationFault(
        f"cannot write {path}: {error.strerror}",
        means="nothing was changed",
        do="as root: sudo env STATION_CONFIG=$STATION_CONFIG $(command -v station) service install",
    )
