# SPDX-License-Identifier: GPL-3.0-or-later
"""Harbor's one operation, GET /products with a bearer token. Read-only, so it may be repeated."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from station.cloud.http import Call, Http, HttpAnswer, encode
from station.cloud.retry import Again, Rest
from station.cloud.strict_json import as_list, as_object, optional_text, parse_object, text
from station.cloud.values import Product
from station.errors import CloudRefused
from station.model import Provider, Secret


class Harbor:
    """One account. Safe for several threads."""

    provider = Provider.HARBOR

    def __init__(self, url: str, token: Secret) -> None:
        self._http = Http(url)
        self._token = token

    def while_throttled(self, rest: Rest) -> None:
        self._http.rest = rest

    def close(self) -> None:
        self._http.close()

    def products(self) -> Iterator[Product]:
        for item in as_list(self._ask("list products", "/products").get("items"), "list products"):
            yield _product(as_object(item, "list products"))

    def product(self, product_key: str) -> Product:
        return _product(self._ask("show a product", f"/products/{encode(product_key)}"))

    def _ask(self, operation: str, path: str) -> dict[str, object]:
        call = Call(operation=operation, method="GET", path=path, request_id=uuid.uuid4().hex, repeatable=True)
        answer = self._http.send(call, lambda _: {"Authorization": f"Bearer {self._token.reveal()}"}, _again)
        if answer.status != 200:
            raise CloudRefused(f"{operation}: refused with HTTP {answer.status}", do="check cloud.harbor.secret_file")
        return dict(parse_object(answer.body, operation))


def _again(answer: HttpAnswer) -> Again:
    return Again.LATER if answer.status == 429 else Again.SOON if answer.status >= 500 else Again.NO


def _product(item: object) -> Product:
    table = as_object(item, "a product")
    return Product(product_key=text(table, "key", "a product"), name=optional_text(table, "name", "a product"))
