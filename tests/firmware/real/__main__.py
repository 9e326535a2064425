# SPDX-License-Identifier: GPL-3.0-or-later
"""The templates against frameworks as their vendors ship them, which no package of a registry brings: folders you have.

    python -m tests.firmware.real --stm32 FOLDER --idf FOLDER --arduino-pico FOLDER --zephyr FOLDER

Each may be left out, or given more than once. Prints a row for each version and chip, and ends with 1 where a template
does not compile, with every warning an error, or where a stub declares a function otherwise than the vendor does.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.firmware.real import idf, pico, stm32, zephyr


def _rows(given: argparse.Namespace, scratch: Path) -> Iterator[tuple[str, str, str, str]]:
    """Framework, version, chip, complaint."""
    builds = [build for folder in given.stm32 for build in stm32.builds(folder, scratch / "stm32")]
    builds += [build for folder in given.idf for build in idf.builds(folder, scratch / "idf")]
    builds += [build for folder in given.arduino_pico for build in pico.builds(folder)]
    for build in builds:
        yield build.framework, build.version, build.chip, build.complaint()
    for folder in given.idf:
        missing = ", ".join(idf.missing_components(folder))
        yield "ESP-IDF", folder.name, "components", f"there is no component {missing}" if missing else ""
    for folder in given.zephyr:
        said = zephyr.complaint(folder, scratch, dict(os.environ))
        yield "Zephyr", zephyr.version_of(folder), f"{zephyr.BOARD}, its own build", said


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("--stm32", "--idf", "--arduino-pico", "--zephyr"):
        parser.add_argument(name, metavar="FOLDER", type=Path, action="append", default=[])
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for framework, version, chip, complaint in _rows(parser.parse_args(), Path(scratch)):
            print(
                f"| {framework} | {version} | {chip} | {'does not compile' if complaint else 'compiled'} |", flush=True
            )
            if complaint:
                wrong = 1
                print(complaint, file=sys.stderr)
    return wrong


sys.exit(main())
