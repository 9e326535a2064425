# SPDX-License-Identifier: GPL-3.0-or-later
"""What a console board shows of its identity, and when that may be believed.

A log line may fall into a value and no checksum tells. So one reading counts only when it is exactly what was hoped for
(chance does not produce that); anything else must come twice in a row.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from station.errors import BoardFault
from station.model import Certificate, CertName, Identity, Secret
from station.targets.console.line import ConsoleLine
from station.targets.console.spec import SECRETS, ConsoleSpec, Field, Read
from station.targets.console.template import render, values_of
from station.targets.console.text import garbled, value_in

WAKE_S: Final = 5.0
_READINGS: Final = 5

Held = Mapping[str, Secret | None]
"""Field name → value, or template of what is hashed → hash, lower case; None where nothing is stored."""


def expected(spec: ConsoleSpec, identity: Identity) -> Held:
    """What a board that has `identity` shows."""
    values = values_of(identity.primary)
    held: dict[str, Secret | None] = {}
    for step in spec.read:
        if step.of:
            shown = render(step.of, values)
            held[step.of] = Secret(_hash(step, shown) if step.hashed else shown.lower())
        held |= {name: Secret(values[name]) if values[name] else None for name in step.fields}
    return held


def settled(line: ConsoleLine, spec: ConsoleSpec, wake_again: Callable[[], None], hoped: Held | None = None) -> Held:
    """A reading that may be believed. BoardFault E208 when each one says something else."""
    last: Held | None = None
    fault = garbled("it shows something else each time")
    for _ in range(_READINGS):
        try:
            held = _reading(line, spec)
        except BoardFault as error:
            fault, last = error, None
            wake_again()
            continue
        if held in (hoped, last):
            return held
        last = held
    raise fault


def name_in(held: Held) -> CertName | None:
    """Whose identity the board says it carries; None when it carries none or does not say."""
    product_key, device_name = held.get(Field.PRODUCT_KEY), held.get(Field.DEVICE_NAME)
    return CertName(product_key.reveal(), device_name.reveal()) if product_key and device_name else None


def as_identity(held: Held) -> Identity | None:
    """What the board carries, whole; None while something is missing or kept by the board to itself."""
    name, secret = name_in(held), held.get(Field.DEVICE_SECRET)
    if name is None or not SECRETS & held.keys() or not all(held.values()):
        return None
    return Identity(
        primary=Certificate(
            product_key=name.product_key,
            device_name=name.device_name,
            device_secret=secret or Secret(""),
            product_secret=held.get(Field.PRODUCT_SECRET),
        )
    )


def _hash(step: Read, text: str) -> str:
    return hashlib.new(step.by, text.encode(), usedforsecurity=False).hexdigest()


def _reading(line: ConsoleLine, spec: ConsoleSpec) -> Held:
    held: dict[str, Secret | None] = {}
    for step in spec.read:
        held |= line.patiently(partial(_read, line, spec, step))
    return held


def _read(line: ConsoleLine, spec: ConsoleSpec, step: Read) -> Held:
    tells = step.hashed or step.partial
    patterns = {step.of: tells} if tells else dict(step.fields)
    ends = [step.done] if step.absent is None else [step.done, step.absent]
    if step.shows_secret:
        line.guard()
    line.say(step.line)
    end, _ = line.hear([], spec.timeout_s, f"“{step.line}”", check=step.check, bare=ends)
    text = line.hear_out(end, spec.timeout_s, step.check)
    if end is step.absent:
        return dict.fromkeys(patterns)
    held: dict[str, Secret | None] = {}
    for name, pattern in patterns.items():
        value = value_in(pattern, text, step.form, once=True)
        if value is None:
            line.tell(pattern, f"shows no {name} in that answer")
            raise garbled(f"{name} is missing in the answer to “{step.line}”")
        held[name] = Secret(value.lower() if tells else value) if value else None
    return held
