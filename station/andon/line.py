# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing told: a JSON object for programs, and the lights that a tower or a sound goes by. No secret in any.

A line is shorter than PIPE_BUF, so that a pipe takes all of it or nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from station.andon.light import Light
from station.events import SCHEMA, Notice, SlotEvent, moment
from station.printable import printable

_LONGEST = (160, 30)  # characters of a text; 30 fit whatever they are
MOST_BYTES = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class AndonLine:
    """`bench`: the worst tile once this is so. `light`: the tile's that it is about; None where it is about none."""

    content: Mapping[str, object]
    bench: Light
    light: Light | None = None

    def after_dropping(self, lines: int) -> AndonLine:
        """It says so itself: a reader must know that there is a gap."""
        return replace(self, content={**self.content, "dropped": lines}) if lines else self

    def encoded(self) -> bytes:
        """With its line end; a text that is too long for it is cut."""
        return next(data for longest in _LONGEST if len(data := _dumped(self.content, longest)) <= MOST_BYTES)


def _dumped(content: Mapping[str, object], longest: int) -> bytes:
    cut = {key: value[:longest] if isinstance(value, str) else value for key, value in content.items()}
    return printable(json.dumps(cut, ensure_ascii=False)).encode() + b"\n"


def of_tile(tile: SlotEvent, light: Light, bench: Light, *, at_bench: str, batch: str) -> AndonLine:
    about = {
        "slot": tile.slot,
        "state": str(tile.state),
        "code": tile.code and str(tile.code),
        "visit": tile.visit,
        "uid": tile.uid,
        "product": tile.product_key,
        "device": tile.device_name,
        "batch": batch,
        "what": tile.what,
    }
    return AndonLine(content=_content("slot", tile.at, at_bench, bench, about), bench=bench, light=light)


def of_notice(notice: Notice, bench: Light, *, at_bench: str) -> AndonLine:
    about = {
        "slot": notice.slot,
        "code": str(notice.code),
        "serious": notice.serious,
        "what": notice.what,
    }
    return AndonLine(content=_content("notice", notice.at, at_bench, bench, about), bench=bench)


def of_bench(bench: Light, at: float, *, at_bench: str) -> AndonLine:
    """The station begins, or ends: OFF."""
    return AndonLine(content=_content("bench", at, at_bench, bench, {}), bench=bench)


def _content(event: str, at: float, at_bench: str, bench: Light, about: Mapping[str, object]) -> dict[str, object]:
    head = {"schema": SCHEMA, "event": event, "time": moment(at), "bench": at_bench, "bench_state": str(bench)}
    return head | {key: value for key, value in about.items() if value not in ("", None)}
