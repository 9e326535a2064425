# SPDX-License-Identifier: GPL-3.0-or-later
"""The [console] table: every fault at once, each with its key; and the text that patterns see."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from station.errors import BoardFault, ConfigError
from station.patterns import pattern
from station.profiles import shipped
from station.targets.console.spec import Field, Form
from station.targets.console.table import parse_console
from station.targets.console.target import ConsoleTarget
from station.targets.console.template import render, template_faults
from station.targets.console.text import behind_echo, readable, value_in, whole_lines


def table() -> dict[str, Any]:
    return copy.deepcopy(dict(shipped.table_of("esp-at-sysmfg")["console"]))  # type: ignore[call-overload]


def faults(options: dict[str, Any]) -> str:
    with pytest.raises(ConfigError) as error:
        ConsoleTarget().check_options(options)
    assert error.value.code == "E112"
    return error.value.what


def test_every_fault_is_reported_at_once() -> None:
    options = table() | {"baud": "fast", "line_end": "x", "echo": "loud", "colour": 1, "timeout_s": -1, "max_line": 0}
    del options["probe"]
    options["write"][0]["success"] = "("
    told = faults(options)
    for key in ("baud", "line_end", "echo", "colour", "timeout_s", "max_line", "probe", "write[1].success"):
        assert f"console.{key}" in told


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda o: o.pop("persistent"), "persistent is missing"),
        (lambda o: o.update(persistent=False), "can never be proved"),
        (lambda o: o.pop("read"), "never shows deviceSecret"),
        (lambda o: o.pop("write"), "never sends deviceSecret"),
        (lambda o: o.pop("uid"), "exactly one of"),
        (lambda o: o["uid"].update(label=True), "exactly one of"),
        (lambda o: o["write"][0].update(line="X {secret}"), "{secret} is not one of"),
        (lambda o: o["write"][0].update(line="X {deviceName"), "not a placeholder"),
        (lambda o: o["write"][0].update(line="X {deviceName:b64}"), "known are :hex, :HEX"),
        (lambda o: o["write"][0].update(line="a\rb {productKey}"), "not printable ASCII"),
        (lambda o: o["write"][0].pop("ready"), "belong together"),
        (lambda o: o["read"][0].update(line="{productKey}"), "takes no placeholder"),
        (lambda o: o["read"][0].update(fields={"productKey": "x"}), "exactly one (group)"),
        (lambda o: o["read"][0].update(fields={"pk": "(x)"}), "“pk” is not one of"),
        (lambda o: o["read"][0].update(done=".*"), "matches an empty answer"),
        (lambda o: o["restart"].update(modem="cts"), "exactly one of"),
        (lambda o: o.update(restart={"operator": True}), "nothing else shows"),
        (lambda o: o.update(errors={"^E": 5}), "explained in words"),
        (lambda o: o.update(charset="z-a"), "not a set of characters"),
        (lambda o: o.update(max_length={"productKey": "20"}), "productKey must be a int"),
        (lambda o: o.update(write=["x"]), "list of tables"),
        (lambda o: o.update(baud=True), "baud must be a int"),
    ],
)
def test_a_table_that_could_harm_a_board_is_refused(change: Any, says: str) -> None:
    options = table()
    change(options)
    assert says in faults(options)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=4))
def test_whatever_stands_for_a_value_the_answer_is_a_config_error(value: Any) -> None:
    options = table()
    for key in options:
        try:
            parse_console(options | {key: value})
        except ConfigError as error:
            assert key in error.what


@given(st.binary(max_size=200))
def test_any_noise_becomes_text_with_one_kind_of_line_end(noise: bytes) -> None:
    text = readable(noise)
    assert "\r" not in text
    assert whole_lines(text) == "" or whole_lines(text).endswith("\n")


@given(st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=30), st.binary(max_size=60))
def test_a_value_in_its_line_is_found_whatever_noise_stands_around_it(value: str, noise: bytes) -> None:
    noise = noise.replace(b"\x1b", b"").replace(b"DN=", b"")
    text = readable(noise + b"\r\nDN=" + value.encode() + b".\r\n" + noise)
    assert value_in(pattern(r"^DN=(.*)\.$", lines=True), text, Form.TEXT) == value


def test_half_a_line_is_no_value() -> None:
    dumped = pattern(r"^DN=(.*)$", lines=True)
    assert value_in(dumped, "PK=1\nDN=cam-00", Form.TEXT) is None
    assert value_in(dumped, "PK=1\nDN=cam-0001\n", Form.TEXT) == "cam-0001"


def test_two_values_for_one_field_are_not_believed() -> None:
    with pytest.raises(BoardFault, match="two values"):
        value_in(pattern(r"^DN=(.*)$", lines=True), "DN=a\nDN=b\n", Form.TEXT)


def test_a_value_that_is_shown_twice_is_one_in_a_start_and_may_be_of_two_boards_in_an_answer() -> None:
    shown = pattern(r"^DN=(.*)$", lines=True)
    assert value_in(shown, "DN=a\nDN=a\n", Form.TEXT) == "a"
    with pytest.raises(BoardFault, match="twice"):
        value_in(shown, "DN=a\nDN=a\n", Form.TEXT, once=True)


def test_an_echo_is_not_an_answer() -> None:
    assert behind_echo("\nset OK\nOK\n", "set OK") == "OK\n"
    assert behind_echo("OK\n", "set OK") == "OK\n"
    assert behind_echo("command 'set' not found\n", "set") == "command 'set' not found\n"


def test_a_hex_dump_of_several_lines_is_one_value() -> None:
    dump = "00000000: 30 31 32 33 34 35 36 37  38 39 61 62 63 64 65 66 |01234567 89abcdef|\n"
    dump += "00000010: 30                                               |0                |\n"
    dumped = pattern(r"^[0-9A-F]{8}: ([0-9a-f ]+)\|", lines=True)
    assert value_in(dumped, dump, Form.HEXDUMP) == "0123456789abcdef0"


def test_placeholders_are_filled_as_text_as_hex_and_as_a_length() -> None:
    values = dict.fromkeys(Field, "ab")
    assert render("X={deviceName},{deviceName:hex},{deviceName:length}", values) == "X=ab,6162,2"
    assert template_faults("AT+X={productKey}") == []
