# SPDX-License-Identifier: GPL-3.0-or-later
"""A product's JSON file, and the product made from it: journalled, with the cloud's answer kept."""

from __future__ import annotations

import json
from pathlib import Path

from station.cloud.iotda import Iotda
from station.cloud.product_spec import check_product
from station.cloud.values import Product
from station.errors import UsageError
from station.intake.journalled import make
from station.ledger.store import Ledger
from station.model import Provider


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


def create_product(ledger: Ledger, iotda: Iotda, spec: dict[str, object]) -> Product:
    """UsageError with all local faults before anything is journalled or sent."""
    check_product(spec).raise_faults()
    name = str(spec.get("product_id") or spec["name"])
    made = make(
        ledger,
        provider=Provider.IOTDA,
        operation="create-product",
        product_key=name,
        detail={"name": spec["name"]},
        send=lambda request_id: iotda.create_product(spec, request_id=request_id),
        outcome=lambda created: (created.product.product_key, created.answer),
    )
    return made.product
