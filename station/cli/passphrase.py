# SPDX-License-Identifier: GPL-3.0-or-later
"""Asks for a new passphrase, twice; or takes it from a 0600 file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import click

from station.cli.asking import ask_secret
from station.codes import Code
from station.errors import ConfigError
from station.model import Secret

new_passphrase_option: Callable[[Callable[..., object]], Callable[..., object]] = click.option(
    "--new-passphrase-file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="0600 file with the new passphrase, for scripts.",
)


def new_passphrase(file: Path | None = None) -> Secret:
    from station.secrets.files import read_secret_file

    if file is not None:
        return read_secret_file(file)
    if not sys.stdin.isatty():
        by_file = "new_passphrase_file" in click.get_current_context().params
        raise ConfigError(
            "a passphrase is asked for on a terminal",
            do="run it on a terminal" + (", or use --new-passphrase-file" if by_file else ""),
            code=Code.E114,
        )
    return ask_secret("New passphrase", twice=True)
