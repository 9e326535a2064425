# SPDX-License-Identifier: GPL-3.0-or-later
"""What the schemas promise, a line each: `status/ledger stock[].state string always`.

`python -m tests.schemas.promised >> tests/schemas/promised.txt` adds what is new, with each release; no line of it ever
goes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from station.schemas import schema_names, schema_text

FILE = Path(__file__).with_name("promised.txt")


def promises() -> list[str]:
    """Of all schemas as they are now."""
    return [line for name in schema_names() for line in _of_file(name)]


def promised() -> list[str]:
    return FILE.read_text("utf-8").splitlines()


def _of_file(name: str) -> Iterator[str]:
    schema = json.loads(schema_text(name))
    for kind in schema.get("anyOf", [schema]):
        for line in _fields(kind, ""):
            yield f"{name}/{kind['title']} {line}"


def _fields(schema: dict[str, Any], within: str) -> Iterator[str]:
    for field, about in schema.get("properties", {}).items():
        place = f"{within}{field}"
        yield f"{place} {_type(about)} {'always' if field in schema['required'] else 'at times'}"
        yield from (f"{place} may be {value}" for value in about.get("enum", []) if value is not None)
        yield from _fields(about, f"{place}.")
        yield from _fields(about.get("items", {}), f"{place}[].")


def _type(about: dict[str, Any]) -> str:
    if "const" in about:
        return json.dumps(about["const"])
    one = about["type"]
    inner = about.get("items", about.get("additionalProperties"))
    of = f" of {_type(inner)}" if isinstance(inner, dict) and "properties" not in inner else ""
    return ("|".join(one) if isinstance(one, list) else str(one)) + of


if __name__ == "__main__":
    known = set(promised())
    print("\n".join(line for line in promises() if line not in known))
