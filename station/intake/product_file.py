# SPDX-License-Identifier: GPL-3.0-or-later
"""A product's JSON file."""

from __future__ import annotations

import json
from pathlib import Path

from station.errors import UsageError


def read_product(path: Path) -> dict[str, object]:
    """The object in the file; UsageError with line and column when it is no JSON."""
    try:
        content = json.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", do="check the path") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{path} is not JSON: {error.msg} at {where}", do="correct that line") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON in UTF-8", do="save it as UTF-8") from error
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no JSON object", do="write the body of the create-product document")
    return content
