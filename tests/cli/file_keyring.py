# SPDX-License-Identifier: GPL-3.0-or-later
"""A system keyring for tests: entries in the JSON file that TEST_KEYRING names. While a file of that name with
`.locked` behind it is there, it is locked."""

from __future__ import annotations

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class FileKeyring(KeyringBackend):
    priority = 1.0

    def _entries(self) -> dict[str, str]:
        path = Path(os.environ["TEST_KEYRING"])
        if path.with_name(f"{path.name}.locked").exists():
            raise KeyringLocked("not now")
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def _write(self, entries: dict[str, str]) -> None:
        Path(os.environ["TEST_KEYRING"]).write_text(json.dumps(entries))

    def get_password(self, service: str, username: str) -> str | None:
        return self._entries().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._write(self._entries() | {f"{service}/{username}": password})

    def delete_password(self, service: str, username: str) -> None:
        entries = self._entries()
        if entries.pop(f"{service}/{username}", None) is None:
            raise PasswordDeleteError("there is none")
        self._write(entries)
