# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds our stubs against a vendor's headers sees it when they differ; and each stub says where it was read."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from tests.firmware.real.compilers import Build
from tests.templates.compiling import HERE

STUBS = sorted(path for path in (HERE / "stubs").rglob("*.h") if "libc" not in path.parts)


@pytest.mark.parametrize("stub", STUBS, ids=lambda path: str(path.relative_to(HERE / "stubs")))
def test_a_stub_says_where_its_declarations_were_read(stub: Path) -> None:
    head = stub.read_text("utf-8").partition("#pragma once")[0]
    assert re.search(r"Read in [\w-]+/[\w-]+ at v?\d+\.\d+\.\d+", head)


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
