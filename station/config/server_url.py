# SPDX-License-Identifier: GPL-3.0-or-later
"""The URL of a database server, as far as it is read without its driver. No password stands in one: whoever looks at a
configuration, a command line or a list of processes would see it.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, urlsplit

_SCHEMES = ("postgresql://", "postgres://")
_SECRET = ("password", "sslpassword")
_STRANGE = re.compile(r"[^\w.-]+")
_LONGEST = 100
MARK = ".line"
"""How the file's name ends by which a bench is known in a line's ledger."""


def fault_of(url: str, *, named_in: str = "ledger.password_file") -> str:
    """What is wrong with it, in words that do not repeat it: what nobody can read may hold a password. "" when nothing
    is. `named_in`: the setting that says where the password is."""
    if not url.startswith(_SCHEMES):
        return "must be postgresql://ROLE@HOST/DATABASE"
    if has_password(url):
        return f"must hold no password: name a 0600 file in {named_in}, or use ~/.pgpass (chmod 600)"
    return ""


def has_password(url: str) -> bool:
    """Anywhere in it; also of one that cannot be read."""
    try:
        parts = urlsplit(url)
        return parts.password is not None or any(key in _SECRET for key, _ in parse_qsl(parts.query))
    except ValueError:
        return True


def title_of(url: str) -> str:
    """What it is called by for people, and where this PC keeps its own marks of it: HOST_DATABASE, whoever logs in."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or dict(parse_qsl(parts.query)).get("host", "")
    return "_".join(_STRANGE.sub("_", part).strip("_") for part in (host, parts.path) if part)[-_LONGEST:] or "line"
