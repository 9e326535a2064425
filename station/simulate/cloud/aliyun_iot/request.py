# SPDX-License-Identifier: GPL-3.0-or-later
"""An RPC request as its server reads it: the parameters of query and form, and the lists `Name.1 … Name.N`."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

from station.simulate.cloud.exchange import Received, Response


class RpcRefused(Exception):
    """The service's own refusal: HTTP 200, `Success` false and a `Code`; `data` may say more."""

    def __init__(self, code: str, message: str, data: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


class Request:
    """`call`, read. A parameter that comes twice is in `pairs` twice."""

    def __init__(self, call: Received) -> None:
        self.call = call
        self.id = str(uuid4()).upper()
        form = call.header("Content-Type").startswith("application/x-www-form-urlencoded")
        body = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True) if form else []
        self.pairs = [*call.query, *body]

    @cached_property
    def parameters(self) -> dict[str, str]:
        return dict(self.pairs)

    def text(self, name: str) -> str:
        return self.parameters.get(name, "")

    def number(self, name: str) -> int:
        """0 when it is none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdecimal() else 0

    def listed(self, name: str) -> list[str]:
        """`Name.1`, `Name.2` … as far as they go; `NameList.N.Name` likewise."""
        found: list[str] = []
        while (value := self._numbered(name, len(found) + 1)) is not None:
            found.append(value)
        return found

    def _numbered(self, name: str, number: int) -> str | None:
        plain = self.parameters.get(f"{name}.{number}")
        return self.parameters.get(f"{name}List.{number}.{name}") if plain is None else plain


def done(request: Request, **content: Any) -> Response:
    return Response(document={"RequestId": request.id, "Success": True, **content})


def refused(request: Request, why: RpcRefused) -> Response:
    document = {"RequestId": request.id, "Success": False, "Code": why.code, "ErrorMessage": why.message}
    return Response(document=document | ({"Data": why.data} if why.data else {}))
