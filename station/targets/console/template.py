# SPDX-License-Identifier: GPL-3.0-or-later
"""Lines with {placeholders} for a certificate's fields, and whether a certificate can be said in a console's syntax."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from station.codes import Code
from station.errors import BoardFault
from station.model import Certificate, Identity
from station.targets.console.forms import CARRYING, FORMS
from station.targets.console.spec import ConsoleSpec, Field, Write

_PLACEHOLDER: Final = re.compile(r"\{(\w+)(?::(\w+))?\}")


def template_faults(template: str) -> list[str]:
    """What is wrong with a template; empty when nothing is."""
    faults = []
    for name, form in _PLACEHOLDER.findall(template):
        if name not in list(Field):
            faults.append(f"{{{name}}} is not one of {', '.join(Field)}")
        if form not in FORMS:
            faults.append(f"{{{name}:{form}}}: known are :{', :'.join(filter(None, FORMS))}")
    if set(_PLACEHOLDER.sub("", template)) & {"{", "}"}:
        faults.append(f"“{template}” has a brace that is not a placeholder")
    if not template.isascii() or any(ord(char) < 0x20 for char in template):
        faults.append(f"“{template!a}” has a character that is not printable ASCII")
    return faults


def fields_in(template: str) -> frozenset[Field]:
    return frozenset(Field(name) for name, form in _PLACEHOLDER.findall(template) if form in CARRYING)


def named_in(template: str) -> frozenset[Field]:
    """Of which fields it says anything at all."""
    return frozenset(Field(name) for name, _ in _PLACEHOLDER.findall(template))


def carries_secret(step: Write) -> bool:
    """Whether this step puts a secret on the wire, or anything that is made of it."""
    named = frozenset[Field]().union(*map(named_in, step.templates))
    return bool(named & {Field.DEVICE_SECRET, Field.PRODUCT_SECRET})


def render(template: str, values: Mapping[Field, str]) -> str:
    """The line to send. Holds a secret: never logged, never part of an error."""

    def one(found: re.Match[str]) -> str:
        return FORMS[found[2] or ""](values[Field(found[1])].encode())

    return _PLACEHOLDER.sub(one, template)


def values_of(certificate: Certificate) -> dict[Field, str]:
    """Unsealed, for `render` and comparison only."""
    product_secret = certificate.product_secret
    return {
        Field.PRODUCT_KEY: certificate.product_key,
        Field.DEVICE_NAME: certificate.device_name,
        Field.DEVICE_SECRET: certificate.device_secret.reveal(),
        Field.PRODUCT_SECRET: product_secret.reveal() if product_secret else "",
    }


def require_room(spec: ConsoleSpec, identity: Identity) -> None:
    """BoardFault E205 with everything that would break this console's syntax or limits."""
    if identity.channels:
        raise _no_room(f"has {len(identity.channels)} sub-devices, this console holds one certificate", identity)
    values = values_of(identity.primary)
    written = frozenset[Field]().union(*(fields_in(text) for step in spec.write for text in step.templates))
    faults = [fault for name in Field if name in written for fault in _value_faults(spec, name, values[name])]
    if faults:  # a line with a bad value is not worth measuring
        raise _no_room("; ".join(faults), identity)
    for number, step in enumerate(spec.write, 1):
        lines = (step.line, *(answer.line for answer in step.answers))
        length = max(len(render(line, values).encode()) for line in lines)
        if length > spec.max_line:
            faults.append(f"write line {number} would be {length} bytes, the board takes {spec.max_line}")
    if faults:
        raise _no_room("; ".join(faults), identity)


def _value_faults(spec: ConsoleSpec, name: Field, value: str) -> list[str]:
    if not value:
        return [f"{name} is empty"]
    faults = []
    limit = spec.max_length.get(name)
    if limit is not None and len(value.encode()) > limit:
        faults.append(f"{name} is {len(value.encode())} bytes, the board takes {limit}")
    if not all(0x20 <= ord(char) < 0x7F for char in value):
        faults.append(f"{name} has a character that is not printable ASCII")
    elif set(value) & set(spec.forbidden):
        faults.append(f"{name} has a character that ends a value in this console ({_shown(spec.forbidden)})")
    elif spec.charset and not spec.charset.fullmatch(value):
        faults.append(f"{name} has a character this console does not take")
    return faults


def _shown(characters: str) -> str:
    return " ".join("space" if char == " " else char for char in characters)


def _no_room(why: str, identity: Identity) -> BoardFault:
    return BoardFault(
        f"{identity.name} cannot be written by this console: {why}",
        means="nothing was sent to the board",
        do="use a profile or a firmware that takes such values, or withhold this certificate",
        code=Code.E205,
    )
