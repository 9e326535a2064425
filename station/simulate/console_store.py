# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated console board's storage: one JSON file, on disk before a write is acknowledged, that anybody may open."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping
from pathlib import Path

from station.whole import put_whole


class Cells(MutableMapping[str, str]):
    """Key → value as the firmware's own key-value store has them."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def _load(self) -> dict[str, str]:
        return dict(json.loads(self._path.read_text("utf-8"))) if self._path.exists() else {}

    def _save(self, values: dict[str, str]) -> None:
        put_whole(self._path, json.dumps(values, indent=1))

    def __getitem__(self, key: str) -> str:
        return self._load()[key]

    def __setitem__(self, key: str, value: str) -> None:
        self._save(self._load() | {key: value})

    def __delitem__(self, key: str) -> None:
        self._save({name: value for name, value in self._load().items() if name != key})

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __len__(self) -> int:
        return len(self._load())
