# SPDX-License-Identifier: GPL-3.0-or-later
"""What programs are told: a JSON Schema (2020-12) for a line of each command's `--json`, and of each kind of event.

A file is named after its command, `batch-list` for `station batch list`; `andon`, `outbox` and `handover` are no
commands'.
Within one `"schema"` number fields are only added, so whoever reads a line passes over what it does not know.
"""

from __future__ import annotations

from importlib.resources import files

_SUFFIX = ".json"


def schema_names() -> tuple[str, ...]:
    """Sorted."""
    names = (file.name for file in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(_SUFFIX) for name in names if name.endswith(_SUFFIX)))


def schema_text(name: str) -> str:
    """One of `schema_names`, as JSON to be read by people too."""
    return files(__package__).joinpath(name + _SUFFIX).read_text("utf-8")
