# SPDX-License-Identifier: GPL-3.0-or-later
"""udev's rules for a bench: the shipped file with a line for each slot, so that slot 3 is /dev/station/slot3."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from station.beside import beside
from station.errors import StationFault
from station.targets.slots import SlotSpec, topology_key
from station.targets.usb import udev_runs

_MARK: Final = "# station: slots\n"
RULES: Final = Path("/etc/udev/rules.d/60-station.rules")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_.-]{1,32}")


def rules(slots: Sequence[SlotSpec], *, group: str = "dialout") -> str:
    """The whole rules file. Slots on fixed ports need none and get none."""
    text = (beside("udev") / "60-station.rules").read_text("utf-8").replace('GROUP="dialout"', f'GROUP="{group}"')
    lines = [_line(slot, number) for number, slot in enumerate(slots, 1) if topology_key(slot.path)]
    return text.replace(_MARK, _MARK + "".join(lines))


def link_of(slot: SlotSpec, number: int) -> str:
    """The slot's name under /dev; by its place in the list when its name cannot be part of a path."""
    name = slot.name if _PLAIN.fullmatch(slot.name) else f"@{number}"
    return f"station/slot{name}"


def _line(slot: SlotSpec, number: int) -> str:
    path, _, port = topology_key(slot.path).partition("-port")
    return f'ENV{{ID_PATH}}=="{path}", ENV{{.STATION_PORT}}=="{port or 0}", SYMLINK+="{link_of(slot, number)}"\n'


def as_root(path: Path = RULES) -> str:
    """The command that does the same for whoever is not root: root has another station.toml."""
    return f"station udev print | sudo tee {path} && sudo udevadm control --reload && sudo udevadm trigger"


def install_rules(slots: Sequence[SlotSpec], path: Path, *, group: str) -> bool:
    """Write the file and make udev apply it to what is plugged in; False when no udev runs here.

    StationFault E300 when this user may not.
    """
    try:
        path.write_text(rules(slots, group=group), "utf-8")
        path.chmod(0o644)
    except OSError as error:
        raise StationFault(
            f"cannot write {path}: {error.strerror}",
            do=as_root(path),
        ) from error
    if not udev_runs():
        return False
    for command in (["control", "--reload"], ["trigger", "--subsystem-match=tty", "--subsystem-match=usb-serial"]):
        subprocess.run(["udevadm", *command], check=False)  # noqa: S603, S607 - fixed words; root's PATH
    return True
