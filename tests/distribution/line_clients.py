# SPDX-License-Identifier: GPL-3.0-or-later
"""Clients of a line that ask for certificates: in this process, or by HTTP as theirs do."""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from station.distribution import request
from station.distribution.clients import LineClient
from station.distribution.counter import Counter
from station.distribution.exchange import Enough
from station.events import Event
from station.flow.visit import FREE, Permit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import BoardUid, Certificate, Identity, Provider, Secret, State
from station.profiles.profile import Profile
from tests.waiting import PATIENCE_S

PRODUCT = "a1Camera"
PROFILE = Profile(name="cam", target="agent", products=(PRODUCT, "a1Other"), product_secret=True)
A, B = LineClient(name="a", sha256="", since=""), LineClient(name="b", sha256="", since="")
UID = "A0:B1:C2:00:00:01"


def stock(count: int) -> tuple[BatchKey, list[Identity]]:
    page = [
        Identity(
            primary=Certificate(
                product_key=PRODUCT,
                device_name=f"cam{number}",
                device_secret=Secret(f"deviceSecret{number:020}"),
                product_secret=Secret("productSecret000"),
            )
        )
        for number in range(count)
    ]
    return BatchKey(provider=Provider.LIVING, batch_id="4711", product_key=PRODUCT), page


def body(action: int, uid: str = UID, **more: object) -> dict[str, object]:
    return {"ProductKey": PRODUCT, "DeviceID": uid, "Action": action, **more}


def digest_of(given: Mapping[str, Any]) -> str:
    """As a client computes it, from what its board gave back: DESIGN's digest, by hand."""
    hasher = hashlib.sha256(b"station-identity-1\0\0")
    for name in ("ProductKey", "DeviceName", "DeviceSecret", "ProductSecret"):
        value = given[name].encode()
        hasher.update(bytes([len(value)]) + value)
    return hasher.hexdigest()


class Desk:
    """A counter without HTTP, and what it tells."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.events: list[Event] = []
        self.open()

    def open(
        self, accept: Enough = Enough.DIGEST, *, confirm_s: float = 600.0, permit: Permit = FREE, **profile: Any
    ) -> None:
        """Anew, as after a restart."""
        if hasattr(self, "counter"):
            self.close()
        self.counter = Counter(
            self.ledger, replace(PROFILE, **profile), permit, self.events.append, accept=accept, confirm_s=confirm_s
        )

    def close(self) -> None:
        self.counter.close()

    def ask(self, action: int, uid: str = UID, client: LineClient = A, **more: object) -> dict[str, Any]:
        asked = request.read(json.dumps(body(action, uid, **more)).encode())
        answer: dict[str, Any] = json.loads(self.counter.hear(client, asked).body)
        return answer

    def state(self, uid: str = UID) -> State | None:
        known = self.ledger.bound_to(BoardUid.parse(uid))
        return known.state if known else None

    def stays(self, uid: str = UID) -> list[tuple[str, str, str]]:
        """Of a board: its slot, how it ended, and by what code."""
        return [(one.slot, one.outcome, one.code or "") for one in self.ledger.visits.of_board(BoardUid.parse(uid))]

    def taken(self) -> int:
        """Certificates that are no longer free."""
        counts = self.ledger.stock.by_state()
        return sum(number for state, number in counts.items() if state is not State.READY)


def post(
    port: int,
    content: bytes | Mapping[str, object],
    token: str = "",
    *,
    context: ssl.SSLContext | None = None,
    **headers: str,
) -> tuple[int, dict[str, Any]]:
    """Status and answer."""
    made = (
        http.client.HTTPSConnection("localhost", port, timeout=PATIENCE_S, context=context)
        if context
        else http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S)
    )
    said = {"Authorization": f"Bearer {token}"} if token else {}
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    try:
        made.request("POST", "/", data, {**said, **headers})
        answer = made.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        made.close()
