# SPDX-License-Identifier: GPL-3.0-or-later
"""The functions of our stubs, declared once more behind the vendor's own headers: a compiler refuses another type."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.templates.compiling import HERE

_FUNCTION = re.compile(r"^[A-Za-z_][\w *]*?\w+\([^;{}]*\);", re.MULTILINE)
_OURS = re.compile(r"\bstub_")


def declarations(compiler: str, stubs: Path, flags: Sequence[str]) -> str:
    """C that includes the headers by the names that `stubs` has them under, and then says what `stubs` says of them."""
    names = sorted(str(path.relative_to(stubs)) for path in stubs.rglob("*.h"))
    includes = "".join(f'#include "{name}"\n' for name in names)
    folders = [f"-I{folder}" for folder in (stubs, HERE / "stubs" / "libc")]
    done = subprocess.run(
        [compiler, "-E", "-P", "-ffreestanding", *flags, *folders, "-"],
        input=includes,
        capture_output=True,
        text=True,
        check=True,
    )
    return includes + "\n".join(each for each in _FUNCTION.findall(done.stdout) if not _OURS.search(each)) + "\n"
