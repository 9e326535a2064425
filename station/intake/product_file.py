# SPDX-License-Identifier: GPL-3.0-or-later
"""A product's JSON file, and the product made from it: journalled, with the cloud's answer kept."""

from __future__ import annotations

import json
import math
from pathlib import Path

from station.cloud.capabilities import ProductMaking
from station.cloud.strict_json import require_whole
from station.cloud.values import Product
from station.codes import Code
from station.errors import UsageError
from station.intake.journalled import make
from station.ledger.store import Ledger


def read_product(path: Path) -> dict[str, object]:
    """The object in the file; UsageError with line and column when it is no JSON, and for a key twice in one object, of
    which JSON would take the last in silence.
    """
    try:
        text = path.read_text("utf-8-sig")
        content = json.loads(text, object_pairs_hook=_sound)
        require_whole(content, text)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", do="check the path") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise UsageError(f"{path} is not JSON: {error.msg} at {where}", do="correct that line") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not JSON in UTF-8", do="save it as UTF-8") from error
    except UnicodeEncodeError as error:
        raise UsageError(f"{path} holds half a character (\\ud800)", do="correct it", code=Code.E120) from error
    if not isinstance(content, dict):
        raise UsageError(f"{path} holds no JSON object", do="write the body of the create-product document")
    return content


def _sound(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    for key, value in pairs:
        if any(
            isinstance(one, float) and not math.isfinite(one) for one in (value if isinstance(value, list) else [value])
        ):
            raise UsageError(f"“{key}” is NaN, or a number beyond all numbers", do="correct it", code=Code.E120)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UsageError(f"“{twice}” is twice in one object of the file", do="keep one of them", code=Code.E120)
    return table


def create_product(ledger: Ledger, cloud: ProductMaking, spec: dict[str, object]) -> Product:
    """UsageError with all local faults before anything is journalled or sent."""
    cloud.check(spec).raise_faults()
    name = str(spec.get("product_id") or spec["name"])
    made = make(
        ledger,
        cloud=cloud,
        operation="create-product",
        product_key=name,
        detail={"name": spec["name"]},
        send=lambda request_id: cloud.create_product(spec, request_id=request_id),
        outcome=lambda created: (created.product.product_key, created.answer),
    )
    return made.product
