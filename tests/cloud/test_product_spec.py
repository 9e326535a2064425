# SPDX-License-Identifier: GPL-3.0-or-later
"""Every constraint of the create-product document, with its path; all faults at once; never a crash."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from station.cloud.iotda.product_spec import MAX_SERVICES_BYTES, check_product
from station.errors import UsageError
from tests.sampled import examples

PARA = {"para_name": "force", "data_type": "string", "required": False, "enum_list": None, "min": "1", "max": "100"}
PROPERTY = {
    "property_name": "temperature",
    "data_type": "decimal",
    "required": True,
    "enum_list": None,
    "min": "1",
    "max": "100",
    "max_length": 100,
    "step": 0.1,
    "unit": "centigrade",
    "method": "RW",
    "description": "force",
    "default_value": {"color": "red", "size": 1},
}
COMMAND = {"command_name": "reboot", "paras": [PARA], "responses": [{"response_name": "ACK", "paras": [dict(PARA)]}]}
SERVICE = {
    "service_id": "temperature,",
    "service_type": "temperature",
    "properties": [PROPERTY],
    "commands": [COMMAND],
    "description": "temperature",
    "option": "Mandatory",
}
SPEC = {
    "product_id": "5ba24f5ebbe8f56f5a14f605",
    "name": "Thermometer,",
    "device_type": "Thermometer,",
    "protocol_type": "MQTT",
    "data_format": "json",
    "service_capabilities": [SERVICE],
    "manufacturer_name": "ABC",
    "industry": "smartCity",
    "description": "this is a thermometer produced by Huawei",
    "app_id": "jeQDJQZltU8iKgFFoW060F5SGZka",
}


def put(path: Any, value: Any, spec: Any = SPEC) -> Any:
    """A copy of the document's example with `value` at `path` ("a.0.b"); `...` removes."""
    spec = copy.deepcopy(spec)
    node = spec
    *way, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    for part in way:
        node = node[part]
    if value is ...:
        del node[last]
    elif isinstance(node, list) and last == len(node):
        node.append(value)
    else:
        node[last] = value
    return spec


def json_path(path: Any) -> Any:
    return "$" + "".join(f"[{part}]" if part.isdigit() else f".{part}" for part in path.split("."))


S = "service_capabilities.0"


def test_the_documents_own_example_has_no_fault_and_no_warning() -> None:
    findings = check_product(SPEC)
    assert (findings.faults, findings.warnings) == ([], [])


@pytest.mark.parametrize(
    "path",
    [
        *("name", "device_type", "protocol_type", "data_format", "service_capabilities"),
        *(f"{S}.service_id", f"{S}.service_type"),
        *(f"{S}.properties.0.{key}" for key in ("property_name", "data_type", "method")),
        f"{S}.commands.0.command_name",
        *(f"{S}.commands.0.paras.0.{key}" for key in ("para_name", "data_type")),
        f"{S}.commands.0.responses.0.response_name",
    ],
)
def test_what_is_required_must_be_there(path: Any) -> None:
    for missing in (..., None):
        [fault] = check_product(put(path, missing)).faults
        assert str(fault) == f"{json_path(path)}: is missing"


@pytest.mark.parametrize(
    ("path", "longest"),
    [
        *(("product_id", 36), ("name", 64), ("device_type", 32), ("manufacturer_name", 32), ("industry", 64)),
        *(("description", 128), ("app_id", 36)),
        *((f"{S}.service_id", 64), (f"{S}.service_type", 64), (f"{S}.description", 128)),
        *((f"{S}.properties.0.property_name", 64), (f"{S}.properties.0.min", 16), (f"{S}.properties.0.max", 16)),
        *((f"{S}.properties.0.unit", 16), (f"{S}.properties.0.description", 128)),
        *((f"{S}.commands.0.command_name", 64), (f"{S}.commands.0.paras.0.para_name", 32)),
        (f"{S}.commands.0.responses.0.response_name", 128),
    ],
)
def test_lengths_are_in_characters(path: Any, longest: Any) -> None:
    letter = "x" if path.endswith(("product_id", "app_id")) else "中"
    assert check_product(put(path, letter * longest)).faults == []
    for wrong in ("x" * (longest + 1), 5):
        [fault] = check_product(put(path, wrong)).faults
        assert fault.path == json_path(path)


@pytest.mark.parametrize(
    ("path", "good"),
    [
        (
            "protocol_type",
            ["MQTT", "CoAP", "HTTP", "HTTPS", "Modbus", "ONVIF", "OPC-UA", "OPC-DA", "TCP", "UDP", "Other"],
        ),
        ("data_format", ["json", "binary"]),
        (f"{S}.option", ["Master", "Mandatory", "Optional"]),
        (f"{S}.properties.0.method", ["RWE", "RW", "RE", "WE", "E", "W", "R"]),
        (
            f"{S}.properties.0.data_type",
            ["int", "long", "decimal", "string", "DateTime", "jsonObject", "enum", "boolean", "string list"],
        ),
    ],
)
def test_enumerations(path: Any, good: Any) -> None:
    for value in good:
        assert check_product(put(path, value)).faults == []
    for value in ("bogus", good[0].swapcase(), 1, [], {}):
        [fault] = check_product(put(path, value)).faults
        assert fault.path == json_path(path)


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("service_capabilities", {}),
        (f"{S}", "text"),
        (f"{S}.properties", {}),
        (f"{S}.commands.0.paras", "x"),
        (f"{S}.properties.0.required", "true"),
        (f"{S}.properties.0.enum_list", "a"),
        (f"{S}.properties.0.max_length", 1.5),
        (f"{S}.properties.0.max_length", True),
        (f"{S}.properties.0.step", "0.1"),
        ("product_id", "a b"),
        ("app_id", "中"),
    ],
)
def test_kinds(path: Any, wrong: Any) -> None:
    [fault] = check_product(put(path, wrong)).faults
    assert fault.path == json_path(path)


@pytest.mark.parametrize(
    ("path", "twin", "at"),
    [
        ("service_capabilities.1", SERVICE, "$.service_capabilities[1].service_id"),
        (f"{S}.properties.1", PROPERTY, f"{json_path(S)}.properties[1].property_name"),
        (f"{S}.commands.1", COMMAND, f"{json_path(S)}.commands[1].command_name"),
    ],
)
def test_names_are_unique(path: Any, twin: Any, at: str) -> None:
    [fault] = check_product(put(path, twin)).faults
    assert fault.path == at


def test_events_are_unique_and_warned_about() -> None:
    events = [{"event_type": "alarm"}, {"event_type": "alarm", "paras": [PARA]}]
    findings = check_product(put(f"{S}.events", events))
    assert [fault.path for fault in findings.faults] == [f"{json_path(S)}.events[1].event_type"]
    assert [warning.path for warning in findings.warnings] == [f"{json_path(S)}.events"]


def test_counts_and_size() -> None:
    services = [{"service_id": f"s{n}", "service_type": "t"} for n in range(501)]
    assert check_product(put("service_capabilities", services[:500])).faults == []
    [fault] = check_product(put("service_capabilities", services)).faults
    assert "501 entries" in str(fault)
    big = put(f"{S}.properties.0.default_value", "x" * MAX_SERVICES_BYTES)
    [fault] = check_product(big).faults
    assert fault.path == "$.service_capabilities"


@pytest.mark.parametrize(
    ("path", "odd"),
    [
        ("name", "with space"),
        (f"{S}.service_id", "emoji 😀"),
        ("description", "tab\tis white space, \x01 is not"),
        (f"{S}.properties.0.property_name", "a.b"),
        ("colour", "red"),
    ],
)
def test_alphabets_shadow_names_and_unknown_fields_are_warnings(path: Any, odd: str) -> None:
    findings = check_product(put(path, odd))
    assert findings.faults == []
    assert json_path(path) in [warning.path for warning in findings.warnings]


def test_all_faults_come_at_once() -> None:
    spec = put("name", "x" * 65, put("data_format", "xml", put(f"{S}.properties.0.method", ...)))
    with pytest.raises(UsageError) as error:
        check_product(spec).raise_faults()
    for path in ("$.name", "$.data_format", "$.service_capabilities[0].properties[0].method"):
        assert path in error.value.what


@settings(max_examples=examples(200))
@given(
    st.sampled_from(
        ["name", S, f"{S}.properties", f"{S}.properties.0", f"{S}.commands.0.paras", "service_capabilities"]
    ),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    ),
)
def test_anything_anywhere_gives_findings(path: Any, value: Any) -> None:
    check_product(put(path, value))
    check_product(value)


OPTIONAL_TEXTS = ["manufacturer_name", "industry", "description", f"{S}.description", f"{S}.properties.0.unit"]


@pytest.mark.parametrize("path", [*OPTIONAL_TEXTS, f"{S}.properties.0.description"])
def test_an_optional_text_may_be_empty(path: Any) -> None:
    assert check_product(put(path, "")).faults == []


@pytest.mark.parametrize("path", ["name", "device_type", f"{S}.service_id", f"{S}.properties.0.min"])
def test_other_texts_may_not(path: Any) -> None:
    assert [fault.path for fault in check_product(put(path, "")).faults] == [json_path(path)]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (f"{S}.properties.0.max_length", -1),
        (f"{S}.properties.0.step", float("nan")),
        (f"{S}.properties.0.step", float("inf")),
        (f"{S}.properties.0.default_value", float("-inf")),
        (f"{S}.properties.0.default_value", {"a": [1, float("nan")]}),
    ],
)
def test_numbers_that_json_or_a_length_does_not_know_are_faults(path: Any, value: Any) -> None:
    [fault] = check_product(put(path, value)).faults
    assert fault.path.startswith(json_path(path))
