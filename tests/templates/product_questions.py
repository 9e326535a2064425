# SPDX-License-Identifier: GPL-3.0-or-later
"""A machine that runs `programs/product_driver.c`: questions in, answers out."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

Ask = Callable[[list[str]], list[list[str]]]
"""Lines for the driver; per line its answers."""


def split(text: str) -> list[list[str]]:
    return [block.splitlines() for block in text.split(".\n")[:-1]]


def ask_host(program: Path, lines: list[str]) -> list[list[str]]:
    text = "".join(f"{line}\n" for line in lines)
    return split(subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout)
