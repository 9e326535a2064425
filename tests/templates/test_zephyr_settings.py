# SPDX-License-Identifier: GPL-3.0-or-later
"""The Zephyr template reads what the shell's `settings write iot/…` put there, whole or not at all."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

import pytest

from station.simulate.firmware import templates
from tests.templates.compiling import HERE, HOSTS, host_program, product_sources, store_sources

Load = Callable[..., list[str]]
WHOLE = {"productKey": "a1B2c3D4e5F", "deviceName": "cam-0001", "deviceSecret": "s3cret"}


@pytest.fixture(scope="module")
def load() -> Load:
    source = templates() / "zephyr" / "src"
    sources = [*store_sources(), *product_sources(), source / "settings_identity.c"]
    sources.append(HERE / "programs" / "settings_entries.c")
    compiler = (*next(iter(HOSTS.values())), "-DCONFIG_IDENTITY_MAX_CHANNELS=0")
    program = host_program(compiler, sources, [source, HERE / "stubs" / "zephyr"], "zephyr-settings")

    def run(**settings: str) -> list[str]:
        text = "".join(f"{name} {value}\n" for name, value in settings.items())
        return subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout.splitlines()

    return run


def test_a_whole_identity_is_what_the_getters_return(load: Load) -> None:
    assert load(**WHOLE) == [
        "productKey:0 deviceName:0 deviceSecret:0 load:0",
        *("11 a1B2c3D4e5F", "8 cam-0001", "6 s3cret", "0 "),
    ]
    assert load(**WHOLE, productSecret="ps")[-1] == "2 ps"


@pytest.mark.parametrize("missing", WHOLE)
def test_part_of_an_identity_is_none(load: Load, missing: str) -> None:
    rest = {name: value for name, value in WHOLE.items() if name != missing}
    (first, *fields) = load(**rest)
    assert first.endswith("load:-2")
    assert fields == ["0 "] * 4


def test_settings_of_others_and_values_too_long_are_refused(load: Load) -> None:
    first = load(**WHOLE, color="red", productSecret="x" * 65)[0]
    assert "color:-2 productSecret:-22 load:0" in first
