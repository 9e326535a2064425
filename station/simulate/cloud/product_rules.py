# SPDX-License-Identifier: GPL-3.0-or-later
"""What IoTDA checks in the body of "create product": types, lengths, enumerations, counts, uniqueness.

`faults` yields "path: reason", the first being the one the cloud would answer. Null counts as absent. Character sets
of names are not checked, since their published list ends with "and the like"; those of ids are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Check = Callable[[str, Any], Iterator[str]]
Shape = Mapping[str, tuple[bool, Check]]

_DATA_TYPES = ("int", "long", "decimal", "string", "DateTime", "jsonObject", "enum", "boolean", "string list")
_PROTOCOLS = ("MQTT", "CoAP", "HTTP", "HTTPS", "Modbus", "ONVIF", "OPC-UA", "OPC-DA", "TCP", "UDP", "Other")
_MAX_ITEMS = 500
_MAX_CAPABILITIES = 500 * 1024


def faults(body: Any) -> Iterator[str]:
    """Every fault of a request body."""
    yield from _object(_PRODUCT)("body", body)


def text(longest: int, shortest: int = 0) -> Check:
    def check(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str):
            yield f"{path}: must be a string"
        elif not shortest <= len(value) <= longest:
            yield f"{path}: length must be {shortest} to {longest}"

    return check


def ident(longest: int, shortest: int = 1) -> Check:
    def check(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, str) or not re.fullmatch(rf"[A-Za-z0-9_-]{{{shortest},{longest}}}", value):
            yield f"{path}: only letters, digits, _ and -, {shortest} to {longest} of them"

    return check


def one_of(*values: str) -> Check:
    def check(path: str, value: Any) -> Iterator[str]:
        if value not in values:
            yield f"{path}: must be one of {', '.join(values)}"

    return check


def _kind(words: str, *kinds: type) -> Check:
    def check(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            yield f"{path}: must be {words}"

    return check


def _anything(_path: str, _value: Any) -> Iterator[str]:
    yield from ()


def _object(shape: Shape) -> Check:
    def check(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, dict):
            yield f"{path}: must be an object"
            return
        prefix = "" if path == "body" else f"{path}."
        for name, (required, check_field) in shape.items():
            if value.get(name) is not None:
                yield from check_field(prefix + name, value[name])
            elif required:
                yield f"{prefix}{name}: is required"

    return check


def _array(item: Check, *, unique: str = "") -> Check:
    """`unique`: the field whose values may not repeat."""

    def check(path: str, value: Any) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{path}: must be an array"
            return
        if len(value) > _MAX_ITEMS:
            yield f"{path}: at most {_MAX_ITEMS} items"
        seen: set[str] = set()
        for index, one in enumerate(value):
            yield from item(f"{path}[{index}]", one)
            name = one.get(unique) if isinstance(one, dict) else None
            if isinstance(name, str) and name in seen:
                yield f"{path}[{index}].{unique}: {name!r} is there twice"
            seen.add(str(name))

    return check


def _capabilities(path: str, value: Any) -> Iterator[str]:
    if len(json.dumps(value, ensure_ascii=False).encode()) > _MAX_CAPABILITIES:
        yield f"{path}: larger than 500k"
    yield from _array(_object(_SERVICE), unique="service_id")(path, value)


_BOOLEAN = _kind("true or false", bool)
_INTEGER = _kind("an integer", int)
_NUMBER = _kind("a number", int, float)
_VALUE: Shape = {
    "data_type": (True, one_of(*_DATA_TYPES)),
    "required": (False, _BOOLEAN),
    "enum_list": (False, _array(text(1 << 20))),
    "min": (False, text(16, 1)),
    "max": (False, text(16, 1)),
    "max_length": (False, _INTEGER),
    "step": (False, _NUMBER),
    "unit": (False, text(16)),
    "description": (False, text(128)),
}
_PARA: Shape = {"para_name": (True, text(32, 1)), **_VALUE}
_PROPERTY: Shape = {
    "property_name": (True, text(64, 1)),
    "method": (True, one_of("RWE", "RW", "RE", "WE", "E", "W", "R")),
    "default_value": (False, _anything),
    **_VALUE,
}
_RESPONSE: Shape = {"response_name": (True, text(128, 1)), "paras": (False, _array(_object(_PARA)))}
_COMMAND: Shape = {
    "command_name": (True, text(64, 1)),
    "paras": (False, _array(_object(_PARA))),
    "responses": (False, _array(_object(_RESPONSE))),
}
_EVENT: Shape = {"event_type": (True, text(32, 1)), "paras": (False, _array(_object(_PARA)))}
_SERVICE: Shape = {
    "service_id": (True, text(64, 1)),
    "service_type": (True, text(64, 1)),
    "properties": (False, _array(_object(_PROPERTY), unique="property_name")),
    "commands": (False, _array(_object(_COMMAND), unique="command_name")),
    "events": (False, _array(_object(_EVENT), unique="event_type")),
    "description": (False, text(128)),
    "option": (False, one_of("Master", "Mandatory", "Optional")),
}
_PRODUCT: Shape = {
    "product_id": (False, ident(36)),
    "name": (True, text(64, 1)),
    "device_type": (True, text(32, 1)),
    "protocol_type": (True, one_of(*_PROTOCOLS)),
    "data_format": (True, one_of("json", "binary")),
    "service_capabilities": (True, _capabilities),
    "manufacturer_name": (False, text(32)),
    "industry": (False, text(64)),
    "description": (False, text(128)),
    "app_id": (False, ident(36)),
}
DEVICE: Check = _object(
    {
        "node_id": (True, ident(64)),
        "product_id": (True, ident(36)),
        "device_id": (False, ident(128)),
        "device_name": (False, text(256)),
        "description": (False, text(2048)),
        "gateway_id": (False, ident(128)),
        "app_id": (False, ident(36)),
        "auth_info": (
            False,
            _object(
                {
                    "auth_type": (False, one_of("SECRET", "CERTIFICATES")),
                    "secret": (False, ident(32, 8)),
                    "fingerprint": (False, text(64, 40)),
                    "secure_access": (False, _BOOLEAN),
                    "timeout": (False, _INTEGER),
                }
            ),
        ),
    }
)
"""The body of "register device"."""
