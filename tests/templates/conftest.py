# SPDX-License-Identifier: GPL-3.0-or-later
"""The product's C code on this machine and on an emulated Cortex-M3."""

from __future__ import annotations

from functools import partial

import pytest
from compiling import HERE, HOSTS, agent_sources, host_program, product_sources
from product_questions import Ask, ask_host

from station.simulate.firmware import templates

PROGRAMS = HERE / "programs"


@pytest.fixture(scope="session", params=HOSTS)
def product(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    sources = [
        *agent_sources("agent.c"),
        *product_sources(),
        PROGRAMS / "product_driver.c",
        PROGRAMS / "product_host.c",
    ]
    includes = [PROGRAMS, templates() / "ports" / "sim-cortex-m3"]
    program = host_program(HOSTS[request.param], sources, includes, tmp_path_factory.mktemp("product") / "product")
    return partial(ask_host, program)
