# SPDX-License-Identifier: GPL-3.0-or-later
"""The body of IoTDA's create-product call, checked before it is sent: the cloud reports one fault at a time.

Lengths, kinds, choices, counts and uniqueness are faults. Alphabets are warnings: the document's lists of characters
are not exhaustive. Each finding has its JSON path, e.g. `$.service_capabilities[0].properties[2].method`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from math import isfinite

from station.cloud.findings import Findings
from station.cloud.strict_json import kind

PROTOCOLS = ("MQTT", "CoAP", "HTTP", "HTTPS", "Modbus", "ONVIF", "OPC-UA", "OPC-DA", "TCP", "UDP", "Other")
DATA_FORMATS = ("json", "binary")
DATA_TYPES = ("int", "long", "decimal", "string", "DateTime", "jsonObject", "enum", "boolean", "string list")
METHODS = ("RWE", "RW", "RE", "WE", "E", "W", "R")
OPTIONS = ("Master", "Mandatory", "Optional")
MAX_SERVICES_BYTES = 500 * 1024

_WORD = r"\u3400-\u4dbf\u4e00-\u9fffA-Za-z0-9_?'#().,&%@!\-"
_ALPHABETS = {
    "name": re.compile(f"[{_WORD}]*"),
    "service": re.compile(f"[{_WORD}$]*"),
    "prose": re.compile(rf"[{_WORD}\s;,、:;。¥$!【】’‘“”()?…~/]*"),
}
_ID = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)


Check = Callable[[object, str, Findings], None]


def check_product(spec: object) -> Findings:
    """Everything wrong with the body of POST …/products."""
    findings = Findings()
    _product(spec, "$", findings)
    if isinstance(spec, dict):
        services = spec.get("service_capabilities")
        size = len(json.dumps(services, ensure_ascii=False, default=str).encode("utf-8", "replace"))
        if size > MAX_SERVICES_BYTES:
            findings.fault("$.service_capabilities", f"{size} bytes, at most {MAX_SERVICES_BYTES}")
    return findings


def _text(longest: int, alphabet: str = "", *, shortest: int = 1, shadow: bool = False) -> Check:
    """`shortest` 0: where the document only says “no longer than”."""

    def check(value: object, path: str, findings: Findings) -> None:
        if not isinstance(value, str):
            findings.fault(path, f"must be a text, not {kind(value)}")
            return
        if not shortest <= len(value) <= longest:
            findings.fault(path, f"has {len(value)} characters, not {shortest} to {longest}")
        if alphabet and not _ALPHABETS[alphabet].fullmatch(value):
            findings.warn(path, "has a character the document does not list")
        if shadow and any(character in value for character in ".$\0"):
            findings.warn(path, "a “.”, “$” or NUL in a property's name breaks the device shadow")

    return check


def _id(value: object, path: str, findings: Findings) -> None:
    _text(36)(value, path, findings)
    if isinstance(value, str) and not _ID.fullmatch(value):
        findings.fault(path, "may have letters, digits, _ and - only")


def _choice(*choices: str) -> Check:
    def check(value: object, path: str, findings: Findings) -> None:
        if value not in choices:
            findings.fault(path, f"must be one of {', '.join(choices)}")

    return check


def _of(words: str, *kinds: type) -> Check:
    def check(value: object, path: str, findings: Findings) -> None:
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            findings.fault(path, f"must be {words}, not {kind(value)}")

    return check


def _length(value: object, path: str, findings: Findings) -> None:
    _of("a whole number", int)(value, path, findings)
    if isinstance(value, int) and value < 0:
        findings.fault(path, f"is {value}; a length is 0 or more")


def _number(value: object, path: str, findings: Findings) -> None:
    _of("a number", int, float)(value, path, findings)
    _anything(value, path, findings)


def _anything(value: object, path: str, findings: Findings) -> None:
    """Any JSON, which knows neither NaN nor infinity."""
    if isinstance(value, float) and not isfinite(value):
        findings.fault(path, "is not a number that JSON knows")
    elif isinstance(value, dict):
        for key, held in value.items():
            _anything(held, f"{path}.{key}", findings)
    elif isinstance(value, list):
        for index, held in enumerate(value):
            _anything(held, f"{path}[{index}]", findings)


def _list(each: Check, *, most: int | None = None, unique: str = "") -> Check:
    def check(value: object, path: str, findings: Findings) -> None:
        if not isinstance(value, list):
            findings.fault(path, f"must be a list, not {kind(value)}")
            return
        if most is not None and len(value) > most:
            findings.fault(path, f"has {len(value)} entries, at most {most}")
        for index, item in enumerate(value):
            each(item, f"{path}[{index}]", findings)
        if unique:
            _once(value, unique, path, findings)

    return check


def _once(items: Sequence[object], key: str, path: str, findings: Findings) -> None:
    first: dict[str, int] = {}
    for index, item in enumerate(items):
        name = item.get(key) if isinstance(item, dict) else None
        if not isinstance(name, str):
            continue
        if name in first:
            findings.fault(f"{path}[{index}].{key}", f"is the same as {path}[{first[name]}].{key}")
        first.setdefault(name, index)


def _object(required: Mapping[str, Check], optional: Mapping[str, Check]) -> Check:
    def check(value: object, path: str, findings: Findings) -> None:
        if not isinstance(value, dict):
            findings.fault(path, f"must be an object, not {kind(value)}")
            return
        for key, one in required.items():
            if value.get(key) is None:
                findings.fault(f"{path}.{key}", "is missing")
            else:
                one(value[key], f"{path}.{key}", findings)
        for key, one in optional.items():
            if value.get(key) is not None:
                one(value[key], f"{path}.{key}", findings)
        for key in value.keys() - required.keys() - optional.keys():
            findings.warn(f"{path}.{key}", "is not a field of the document")

    return check


def _no_events(value: object, path: str, findings: Findings) -> None:
    _list(_event, most=500, unique="event_type")(value, path, findings)
    if value:
        findings.warn(path, "the cloud does not support custom events; leave them out")


_VALUE_RULES: dict[str, Check] = {
    "required": _of("true or false", bool),
    "enum_list": _list(_of("a text", str)),
    "min": _text(16),
    "max": _text(16),
    "max_length": _length,
    "step": _number,
    "unit": _text(16, shortest=0),
    "description": _text(128, "prose", shortest=0),
}
_para = _object({"para_name": _text(32, "name"), "data_type": _choice(*DATA_TYPES)}, _VALUE_RULES)
_property = _object(
    {
        "property_name": _text(64, "name", shadow=True),
        "data_type": _choice(*DATA_TYPES),
        "method": _choice(*METHODS),
    },
    _VALUE_RULES | {"default_value": _anything},
)
_response = _object({"response_name": _text(128, "name")}, {"paras": _list(_para)})
_command = _object({"command_name": _text(64, "name")}, {"paras": _list(_para), "responses": _list(_response)})
_event = _object({"event_type": _text(32, "name")}, {"paras": _list(_para)})
_service = _object(
    {"service_id": _text(64, "service"), "service_type": _text(64, "service")},
    {
        "properties": _list(_property, most=500, unique="property_name"),
        "commands": _list(_command, most=500, unique="command_name"),
        "events": _no_events,
        "description": _text(128, "prose", shortest=0),
        "option": _choice(*OPTIONS),
    },
)
_product = _object(
    {
        "name": _text(64, "name"),
        "device_type": _text(32, "name"),
        "protocol_type": _choice(*PROTOCOLS),
        "data_format": _choice(*DATA_FORMATS),
        "service_capabilities": _list(_service, most=500, unique="service_id"),
    },
    {
        "product_id": _id,
        "manufacturer_name": _text(32, "name", shortest=0),
        "industry": _text(64, "name", shortest=0),
        "description": _text(128, "prose", shortest=0),
        "app_id": _id,
    },
)
