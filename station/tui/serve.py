# SPDX-License-Identifier: GPL-3.0-or-later
"""Opens the served wall board, where the extra `serve` is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from station.codes import Code
from station.errors import ConfigError
from station.extras import install
from station.model import Language


def serve_wall(
    arguments: Sequence[str],
    *,
    host: str,
    port: int,
    language: Language,
    allowed: Sequence[str] = (),
    token_file: Path | None = None,
) -> None:
    """Until a signal. `arguments`: what another `station` needs to read the same configuration; `allowed`: further
    names it answers to. ConfigError without the extra.
    """
    if find_spec("textual_serve") is None or find_spec("aiohttp") is None:
        raise ConfigError(
            "the wall board for browsers needs textual-serve",
            do=install("serve"),
            code=Code.E118,
        )
    from station.tui.served import gate, server  # noqa: PLC0415 - an extra; 0.4 s

    serving = server.Serving(
        host=host,
        port=port,
        names=gate.own_names(host, allowed),
        token=gate.read_token(token_file) if token_file else None,
        language=language,
    )
    asyncio.run(server.run(serving, server.board_command(arguments)))
