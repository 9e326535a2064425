# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that tests compile, kept in `build/tests` by what went into them: one worker makes each for all."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

_FOLDER = Path(__file__).parents[1] / "build" / "tests"


def built(
    name: str, command: Sequence[object], inputs: Iterable[Path], *, output: str = "-o", here: Path | None = None
) -> Path:
    """What `command` makes where `output` tells it to: a file, or make's folder. `inputs`: what it reads, files and
    folders of headers; those in `here` count by what they are, wherever that folder lies. What was kept under `name`
    before goes. AssertionError, with its words, when it fails.
    """
    words = [str(word) for word in command]
    _FOLDER.mkdir(parents=True, exist_ok=True)
    with (_FOLDER / f".{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = _FOLDER / f"{name}-{_key(words, inputs, str(here))}"
        if not made.exists():
            fresh = _FOLDER / f".{name}.fresh"
            _remove(fresh)
            told = [output, str(fresh)] if output.startswith("-") else [f"{output}{fresh}"]
            done = subprocess.run([*words, *told], capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stdout + done.stderr
            for old in _FOLDER.glob(f"{name}-{'[0-9a-f]' * 16}"):
                _remove(old)
            fresh.rename(made)
    return made


def _remove(made: Path) -> None:
    if made.is_dir():
        shutil.rmtree(made)
    else:
        made.unlink(missing_ok=True)


def _key(words: list[str], inputs: Iterable[Path], here: str) -> str:
    key = hashlib.sha256("\0".join(words).replace(here, "").encode())
    for path in inputs:
        for file in sorted(path.rglob("*.h")) if path.is_dir() else [path]:
            key.update(f"\0{file}\0".replace(here, "").encode() + file.read_bytes())
    compiler = Path(words[0])
    if compiler.is_absolute():
        key.update(str(compiler.stat().st_mtime_ns).encode())
    return key.hexdigest()[:16]
