# SPDX-License-Identifier: GPL-3.0-or-later
"""A simulated chip's file: whoever looks into a board, at any moment, finds a chip or no file, never a part of one."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from station.simulate.nor import NorCells


def test_a_chip_that_could_not_be_written_whole_is_not_there(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        with pytest.raises(OSError, match="File too large"):
            NorCells(65536, tmp_path / "flash.bin")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not (tmp_path / "flash.bin").exists()
    NorCells(65536, tmp_path / "flash.bin").close()
    assert (tmp_path / "flash.bin").read_bytes() == b"\xff" * 65536
