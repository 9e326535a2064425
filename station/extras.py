# SPDX-License-Identifier: GPL-3.0-or-later
"""How what only some benches need is installed beside this very station.

By the packages themselves: under the station's own name a package index has whatever somebody put there.
"""

from __future__ import annotations

import shlex
import sys
from importlib.util import find_spec

_DISTRIBUTION = "certificate-station"


def install(extra: str) -> str:
    """The command that installs it, for this interpreter."""
    from importlib.metadata import PackageNotFoundError, requires  # noqa: PLC0415 - 15 ms of a command's start

    try:
        lines = requires(_DISTRIBUTION) or []
    except PackageNotFoundError:  # runs from a checkout that was not installed
        lines = []
    marked = (line.partition(";") for line in lines)
    packages = [package.strip() for package, _, marker in marked if _is_of(marker, extra)]
    if not packages:
        return f"install the packages that pyproject.toml lists for the extra {extra}"
    pip = [sys.executable, "-m", "pip", "install"]
    uv = ["uv", "pip", "install", "--python", sys.executable]
    return shlex.join([*(pip if find_spec("pip") else uv), *packages])


def _is_of(marker: str, extra: str) -> bool:
    return marker.strip().replace('"', "'") == f"extra == '{extra}'"
