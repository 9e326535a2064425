# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit: this very installation, as the user whose ledger it is, with nothing writable but what a bench writes.

Texts are systemd.exec(5)'s and systemd.service(5)'s; systemd 245 or later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_HOMES = (Path("/home"), Path("/root"), Path("/run/user"))
_DEVICES = ("char-ttyUSB", "char-ttyACM", "char-ttyS", "char-usb", "char-lp", "char-usb_device", "char-alsa")
"""Serial adapters and ports, printers, what udev says of USB, and the andon's sound."""
_HARDENED = """\
NoNewPrivileges=yes
ProtectSystem=strict
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK
RestrictNamespaces=yes
RestrictSUIDSGID=yes
LockPersonality=yes
CapabilityBoundingSet=
LimitCORE=0
UMask=0077
"""


@dataclass(frozen=True, slots=True)
class Service:
    """`program`: this installation's command with what it needs to read the same configuration; `writable`: folders it
    writes in; `screen`: a console (tty1) that gets the operator's screen, "" for a bench without one.
    """

    program: Sequence[str]
    user: str
    group: str
    writable: Sequence[Path]
    screen: str = ""


def unit_text(service: Service) -> str:
    """The whole file."""
    kind, lines = ("screen", _on_screen(service)) if service.screen else ("headless", _headless(service))
    reads = [Path(service.program[0]), *service.writable]
    at_home = any(path.is_relative_to(home) for path in reads for home in _HOMES)
    conflict = (
        f"Conflicts=getty@{service.screen}.service\nAfter=getty@{service.screen}.service\n" if service.screen else ""
    )
    return (
        f"[Unit]\nDescription=Certificate flashing station ({kind})\nAfter=local-fs.target time-sync.target\n{conflict}"
        f"\n[Service]\nUser={service.user}\nSupplementaryGroups={service.group}\n{lines}"
        f"{_HARDENED}ProtectHome={'read-only' if at_home else 'yes'}\n"
        f"ReadWritePaths={' '.join(_quoted(str(path)) for path in service.writable)}\n"
        "DevicePolicy=closed\n"
        + "".join(f"DeviceAllow={device} rw\n" for device in (*_DEVICES, *_console(service)))
        + "\n[Install]\nWantedBy=multi-user.target\n"
    )


def _headless(service: Service) -> str:
    command = " ".join(_quoted(word) for word in (*service.program, "flash", "--watch", "--json"))
    return (
        f"ExecStart={command}\n"
        "# The first SIGINT ends the station after the boards in hand, so that none is left in doubt.\n"
        "KillSignal=SIGINT\nTimeoutStopSec=90\nRestart=on-failure\nRestartSec=5\n"
        "# Wrong configuration, a person needed, an integrity alarm: starting again changes nothing.\n"
        "RestartPreventExitStatus=2 6 7\n"
    )


def _on_screen(service: Service) -> str:
    """No shell is behind it: whoever ends the station finds it again, and root ends it from another console."""
    command = " ".join(_quoted(word) for word in (*service.program, "run"))
    return (
        f"ExecStart={command}\nPAMName=login\nEnvironment=LANG=C.UTF-8 TERM=linux\n"
        "StandardInput=tty-force\nStandardOutput=tty\nStandardError=tty\n"
        f"TTYPath=/dev/{service.screen}\nTTYReset=yes\nTTYVHangup=yes\n"
        "KillSignal=SIGINT\nTimeoutStopSec=90\nRestart=always\nRestartSec=2\n"
    )


def _console(service: Service) -> tuple[str, ...]:
    return (f"/dev/{service.screen}", "char-tty") if service.screen else ()


def _quoted(word: str) -> str:
    """As systemd reads it back: a specifier's and a variable's signs are letters here."""
    safe = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$")
    return f'"{safe}"' if safe != word or not safe.isascii() or any(map(str.isspace, safe)) else safe
