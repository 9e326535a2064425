# SPDX-License-Identifier: GPL-3.0-or-later
"""One request and one answer as the simulated clouds see them; nothing here knows sockets or clouds."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from functools import cached_property
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from station.simulate.cloud.faults import FaultPlan


@dataclass(kw_only=True)
class Received:
    """A request as it arrived. `headers` keeps the sender's spelling and looks names up in any case."""

    method: str
    target: str  # path and query, still encoded
    headers: Message
    body: bytes
    plan: FaultPlan = field(default_factory=FaultPlan)

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @cached_property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    @cached_property
    def json(self) -> Any:
        """The body's JSON value; None when it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def params(self) -> Mapping[str, Any]:
        """Living Link's `params`; for a query string, its pairs."""
        params = self.json.get("params") if isinstance(self.json, dict) else None
        return params if isinstance(params, dict) else dict(self.query)

    @property
    def is_rpc(self) -> bool:
        """Alibaba's RPC style: one path, and the operation is a parameter."""
        return self.path == "/"

    @property
    def operation(self) -> str:
        """What a fault script calls the path: /ACTION where every operation has the same."""
        return f"/{self.params.get('Action', '')}" if self.is_rpc else self.path

    @property
    def page(self) -> Any:
        """The number of the page that is asked for; None where the request has none."""
        number = self.params.get("CurrentPage")
        return self.params.get("pageNo") if number is None else int(number) if number.isdecimal() else number

    @property
    def is_huawei(self) -> bool:
        return self.path.startswith(("/v5/", "/v3/"))

    def header(self, name: str) -> str:
        """The value without surrounding blanks; empty when the header is absent."""
        return str(self.headers.get(name, "")).strip()


@dataclass(kw_only=True)
class Response:
    """What goes back: a JSON `document`, or `raw` bytes when a fault replaced it."""

    status: int = 200
    document: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    close: bool = False  # hang up after the answer without saying so
    missing: int = 0  # bytes promised by Content-Length and never sent

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.document is None:
            return b""
        return json.dumps(self.document, ensure_ascii=False, separators=(",", ":")).encode()


class Refusal(Exception):
    """Ends the work on a request with this answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


class Dropped(Exception):
    """The connection ends without an answer; `reset`: by RST instead of FIN."""

    def __init__(self, *, reset: bool) -> None:
        super().__init__()
        self.reset = reset


def refuse(status: int, document: Any = None, **headers: str) -> NoReturn:
    """Raise Refusal; header names are given with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    raise Refusal(Response(status=status, document=document, headers=named))
