# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds our stubs against a vendor's headers sees it when they differ; and each stub says where it was read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from station.simulate.firmware import templates
from tests.firmware.real import stm32
from tests.firmware.real.compilers import Build
from tests.templates.compiling import HERE

STUBS = sorted(path for path in (HERE / "stubs").rglob("*.h") if "libc" not in path.parts)


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: str(path.relative_to(HERE / "stubs")))
def test_a_stub_says_where_its_declarations_were_read(stub: Path) -> None:
    head = stub.read_text("utf-8").partition("#pragma once")[0]
    assert re.search(r"Read in [\w-]+/[\w-]+ at v?\d+\.\d+\.\d+", head)


def readme_rows() -> list[tuple[str, str, str, str]]:
    """Framework, versions, chips, how far: of the table of what was compiled against what."""
    page = (templates() / "README.md").read_text("utf-8").partition("| framework | version |")[2]
    rows = [
        [cell.strip() for cell in line.strip("| ").split("|")] for line in page.partition("\n\n")[0].splitlines()[2:]
    ]
    return [(name, versions, chips, far) for name, versions, chips, far in rows]


def test_the_readme_names_the_versions_that_the_stubs_were_read_in() -> None:
    said = " ".join(f"{name} {versions}" for name, versions, _, far in readme_rows() if far.startswith("compiled"))
    for stub in STUBS:
        head = stub.read_text("utf-8").partition("#pragma once")[0]
        for project, version in re.findall(r"([\w-]+)(?: \*)?\s+at v?(\d+\.\d+\.\d+)", head):
            family = re.fullmatch(r"stm32(\w\w)xx_hal_driver", project)
            named = f"{family[1].upper()} {version}" if family else version
            assert re.search(rf"(?<![\w.]){re.escape(named)}(?![\w.])", said), f"{stub.name}: {project} {version}"


def test_the_readme_names_the_chips_that_are_compiled_for() -> None:
    [(versions, chips)] = [(versions, chips) for name, versions, chips, _ in readme_rows() if "HAL" in name]
    tried = [chip.removeprefix("STM32").removesuffix("xx") for both, _ in stm32.CHIPS.values() for chip in both]
    assert chips.split() == tried
    assert [each.split()[0].lower() for each in versions.split(", ")] == list(stm32.CHIPS)


@pytest.mark.skipif(shutil.which("gcc") is None, reason="not installed (see .ci/system-packages): gcc")
@pytest.mark.parametrize(("says", "is_right"), [("int read(long at);", True), ("int read(int at);", False)])
def test_a_stub_that_declares_something_else_than_the_vendor_is_found(
    says: str, is_right: bool, tmp_path: Path
) -> None:
    for folder, text in (("vendor", "static inline int read(long at) { return (int)at; }"), ("stub", says)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "vendor.h").write_text(f"{text}\n")
    complaint = Build(
        framework="HAL",
        version="1",
        chip="this machine",
        compiler="gcc",
        flags=(),
        vendor=(tmp_path / "vendor",),
        sources=(),
        stubs=tmp_path / "stub",
    ).complaint()
    assert (not complaint) == is_right
    assert is_right or "conflicting types for" in complaint
