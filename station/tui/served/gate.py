# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may look: by the names this PC is called by, the page that asks, and a token where one is wanted.

A page of the internet can send a browser of the factory here. Its own name, made to point to this PC (DNS rebinding),
is not one of ours; an address in digits cannot be made to point anywhere. A page from elsewhere has another origin.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import socket
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

from station.codes import Code
from station.errors import ConfigError
from station.model import Secret
from station.secrets.files import read_secret_file

COOKIE = "wall"
SHORTEST = 16


def own_names(host: str, further: Iterable[str] = ()) -> frozenset[str]:
    """What this server answers to beside addresses: the PC's names, that of `host`, and what was allowed by hand."""
    names = {"localhost", host, socket.gethostname(), socket.getfqdn(), *further}
    return frozenset(name.lower().rstrip(".") for name in names if name)


def is_ours(host: str, names: frozenset[str]) -> bool:
    """Of a Host header: a name of ours or an address, with or without a port."""
    try:
        parts = urlsplit(f"//{host}")
        name = (parts.hostname or "").rstrip(".")
        _ = parts.port
    except ValueError:
        return False
    return parts.netloc == host and "@" not in host and (name in names or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_same_page(origin: str | None, host: str) -> bool:
    """Of a web socket: it was opened by a page that came from here. Browsers always say where from."""
    return origin is not None and origin.lower() in (f"http://{host}".lower(), f"https://{host}".lower())


class Admission:
    """What a viewer must have been told; it is given once, in the address, and is a cookie from then on."""

    def __init__(self, token: Secret) -> None:
        self._token = token.reveal().encode()
        self.cookie = hmac.new(self._token, b"wall board", hashlib.sha256).hexdigest()

    def is_told(self, given: str) -> bool:
        """In a time that says nothing of how much of it was right."""
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token)

    def is_kept(self, cookie: str) -> bool:
        return hmac.compare_digest(cookie.encode("utf-8", "replace"), self.cookie.encode())


def read_token(path: Path) -> Admission:
    """ConfigError E114 for a file that others may read, or a token that could be guessed."""
    token = read_secret_file(path)
    if len(token.reveal()) < SHORTEST:
        do = f"head -c 24 /dev/urandom | base64 > {path}"
        raise ConfigError(f"the token in {path} is shorter than {SHORTEST} characters", do=do, code=Code.E114)
    return Admission(token)
