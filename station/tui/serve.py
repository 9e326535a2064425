# SPDX-License-Identifier: GPL-3.0-or-later
"""The wall board for browsers, by textual-serve: each browser gets a wall board of its own, read-only like any other.

There is no password: what it shows are counts and the uids of boards in doubt. It answers this PC alone unless told
otherwise. Needs the extra `serve`.
"""

from __future__ import annotations

import shlex
import socket
import sys
from collections.abc import Sequence

from station.codes import Code
from station.errors import ConfigError

_ANY = ("0.0.0.0", "::", "")  # noqa: S104 - compared with, not bound to


def serve_wall(arguments: Sequence[str], *, host: str, port: int) -> None:
    """Until Ctrl-C. `arguments`: of the `station` that one browser gets. ConfigError without the extra."""
    try:
        from textual_serve.server import Server  # noqa: PLC0415 - an extra; 0.4 s
    except ImportError as error:
        raise ConfigError(
            "the wall board for browsers needs textual-serve",
            do="pip install 'certificate-station[serve]'",
            code=Code.E118,
        ) from error
    from rich.console import Console  # noqa: PLC0415

    seen_as = socket.getfqdn() if host in _ANY else host  # what a browser is told to connect to
    command = shlex.join([sys.executable, "-m", "station", *arguments])
    server = Server(command, host=host, port=port, title="station", public_url=f"http://{seen_as}:{port}")
    server.console = Console(stderr=True)
    server.serve()
