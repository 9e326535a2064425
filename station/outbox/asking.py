# SPDX-License-Identifier: GPL-3.0-or-later
"""May this board be flashed? Asked of the factory's system before an identity is taken for the board ([mes] ask).

Only `{"allowed": true}` or `{"allowed": false, "reason": "…"}` behind a 2xx is an answer. Whatever else comes, or
nothing in time, is silence, and what that means is configured.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from station.codes import Code
from station.config.named_table import NamedTable, TableFault
from station.config.settings import Config
from station.errors import BoardFault, ConfigError, StationFault
from station.flow.visit import FREE, Permit
from station.ledger.values import WorkOrder
from station.model import BoardUid
from station.printable import printable

_LARGEST: Final = 64 * 1024
_LONGEST = 160
"""Characters of a reason on a tile."""
_NO_ANSWER = 'it must answer {"allowed": true}, or {"allowed": false, "reason": "…"}'
_UNTOUCHED = "no identity was taken, nothing was written"


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    url: str
    token_file: Path | None
    within_s: float
    silence: Literal["refuse", "allow"]
    bench: str
    order: str

    def ask(self, uid: BoardUid, serial: str) -> None:
        """BoardFault E218 with its words where it says no; StationFault E319 for a silence that is one."""
        from station.cloud.post import json_headers, post  # noqa: PLC0415 - 50 ms of HTTP; most lines ask nobody

        asked = {"schema": 1, "ask": "begin", "uid": uid, "serial": serial or None}
        asked |= {"order": self.order or None, "bench": self.bench}
        body = printable(json.dumps(asked, ensure_ascii=False)).encode()
        done = post(self.url, body, json_headers(self.token_file), within_s=self.within_s, wants=_LARGEST)
        answer = {} if done.why else _read(done.answer)
        if answer.get("allowed") is True:
            return
        if answer.get("allowed") is False:
            raise BoardFault(
                f"the factory's system refuses board {uid}: {_reason(answer.get('reason'))}",
                means=_UNTOUCHED,
                do="set it aside; ask whoever plans the line",
                code=Code.E218,
            )
        if self.silence == "refuse":
            why = done.why or _NO_ANSWER
            raise StationFault(
                f"{urlsplit(self.url).hostname} does not say whether board {uid} may be flashed: {why}",
                means=_UNTOUCHED,
                do="see whether that server runs and is reached; [mes] silence says what its silence means",
                code=Code.E319,
            )


def _read(answer: bytes) -> dict[str, object]:
    try:
        found = json.loads(answer, object_pairs_hook=_each_once)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A key twice may be a yes and a no."""
    if len(table := dict(pairs)) != len(pairs):
        raise ValueError
    return table


def _reason(said: object) -> str:
    """Somebody else's words, made fit for a tile."""
    words = " ".join(printable(said).split())[:_LONGEST] if isinstance(said, str) else ""
    return words or "it gives no reason"


def _configured(config: Config) -> WorkOrder | None:
    reference = config.text("mes.order").strip()
    if not reference.isprintable():
        raise ConfigError("mes.order is no reference", do="e.g. WO-4711", code=Code.E113)
    return WorkOrder(reference=reference, quantity=int(config.number("mes.quantity"))) if reference else None


def permit_of(config: Config, order: WorkOrder | None = None) -> Permit:
    """`order`: instead of the configured one; where it is that one and says no quantity, it has that one's. ConfigError
    E113 for what cannot be asked, or is no reference."""
    own = _configured(config)
    if own is not None and (order is None or order == replace(own, quantity=0)):
        order = own
    if not config.text("mes.ask"):
        return Permit(order=order) if order else FREE
    keys = {"ask": config.text("mes.ask")}
    keys |= {"token_file": named} if (named := config.text("mes.token_file")) else {}
    try:
        table = NamedTable("mes", "ask", keys, config)
        address = table.address("ask")
        token = table.token(address)
    except TableFault as fault:
        raise ConfigError(f"mes: {fault}", do="correct [mes] in station.toml", code=Code.E113) from None
    question = Question(
        url=address.geturl(),
        token_file=token,
        within_s=config.number("mes.wait_s"),
        silence="allow" if config.text("mes.silence") == "allow" else "refuse",
        bench=config.text("bench.name"),
        order=order.reference if order else "",
    )
    return Permit(ask=partial(Question.ask, question), order=order)
