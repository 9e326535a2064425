# SPDX-License-Identifier: GPL-3.0-or-later
"""The vendors' getters: lengths, return values, what is hidden, and that nothing is ever written behind a buffer."""

from __future__ import annotations

import pytest

from tests.templates.product_questions import Ask

CARRIED = ["begin 0", "put 0 PK a1B2c3D4e5F", "put 0 DN cam-0001", "put 0 DS s3cret", "put 0 PS ps"]
FIELDS = ["PK", "DN", "DS", "PS"]
LONGEST = {"PK": 20, "DN": 32, "DS": 64, "PS": 64}


def got(product: Ask, carried: list[str], questions: list[str]) -> list[list[str]]:
    return product([*carried, *questions])[len(carried) :]


def test_getters_return_the_length_and_the_text(product: Ask) -> None:
    assert got(product, CARRIED, [f"get {field}" for field in FIELDS]) == [
        ["11 a1B2c3D4e5F"],
        ["8 cam-0001"],
        ["6 s3cret"],
        ["2 ps"],
    ]


def test_a_blank_board_and_an_absent_product_secret_are_empty_texts(product: Ask) -> None:
    assert got(product, ["blank"], [*(f"get {field}" for field in FIELDS), "channels"]) == [["0 "]] * 5
    assert got(product, CARRIED[:4], ["get PS"]) == [["0 "]]


@pytest.mark.parametrize("field", FIELDS)
def test_a_value_of_the_documented_length_fits_and_one_more_does_not(product: Ask, field: str) -> None:
    n = LONGEST[field]
    carried = [*CARRIED, f"put 0 {field} {'x' * n}"]
    assert got(product, carried, [f"get {field}"]) == [[f"{n} {'x' * n}"]]
    assert got(product, CARRIED, [f"set {field} {'y' * n}", f"get {field}"]) == [[f"{n} "], [f"{n} {'y' * n}"]]
    assert got(product, CARRIED, [f"set {field} {'y' * (n + 1)}"]) == [["-1 "]]


@pytest.mark.parametrize("field", ["PK", "DN"])
def test_iotda_ids_too_long_for_the_hal_are_an_error_there_and_whole_by_their_own_name(
    product: Ask, field: str
) -> None:
    long = "i" * (36 if field == "PK" else 128)
    assert got(product, [*CARRIED, f"put 0 {field} {long}"], [f"get {field}", f"iotda {field}"]) == [
        ["-1 "],
        [f"{len(long)} {long}"],
    ]


def test_a_setter_hides_what_is_stored_and_an_empty_one_shows_it_again(product: Ask) -> None:
    asked = ["set DN other", "get DN", "get PK", "iotda DN", "set DN -", "get DN"]
    assert got(product, CARRIED, asked) == [
        ["5 "],
        ["5 other"],
        ["11 a1B2c3D4e5F"],
        ["8 cam-0001"],
        ["0 "],
        ["8 cam-0001"],
    ]


def test_an_nvr_names_its_cameras_in_order(product: Ask) -> None:
    nvr = ["begin 3", "put 0 PK nvr", "put 0 DN nvr", "put 0 DS nvr"]
    for n in (3, 1, 2):
        nvr += [f"put {n} PK ipc{n}", f"put {n} DN ipc@7:0{n}", f"put {n} DS secret{n}"]
    nvr.append("put 2 PS own")
    ((*cameras, end),) = got(product, nvr, ["cameras"])
    assert cameras == [
        *("1 ipc1", "ipc@7:01", "secret1", ""),
        *("2 ipc2", "ipc@7:02", "secret2", "own"),
        *("3 ipc3", "ipc@7:03", "secret3", ""),
    ]
    assert end == "0 end"
    assert got(product, nvr, ["channels"]) == [["3 "]]
    assert got(product, CARRIED, ["cameras"]) == [["0 end"]]


def test_memory_that_cannot_be_read_is_never_an_empty_identity(product: Ask) -> None:
    asked = ["get PK", "iotda DN", "channels", "cameras"]
    assert got(product, [*CARRIED, "break"], asked) == [["-2 "], ["-2 "], ["-2 "], ["-2 end"]]
