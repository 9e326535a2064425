# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent's SHA-256, HMAC and CRC-32 compiled for this machine, against published vectors and Python's own."""

from __future__ import annotations

import hashlib
import hmac
import random
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from station.simulate.firmware import templates

STRICT = ["-std=c11", "-Wall", "-Wextra", "-Werror", "-pedantic"]
# The compiler that comes as a wheel is always there; the system's own where installed. For a program of this machine
# the wheel's builds a C library first (15 s), so there it is the last resort.
WHEEL = {"zig": [sys.executable, "-m", "ziglang", "cc"]}
INSTALLED = {name: [path] for name in ("gcc", "clang") if (path := shutil.which(name))}

PUBLISHED = {
    "sha256 -": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    f"sha256 {b'abc'.hex()}": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",  # FIPS 180-4
    f"crc32 {b'123456789'.hex()}": "cbf43926",
    # RFC 4231, cases 2 and 6 (a key longer than a block)
    f"hmac {b'Jefe'.hex()} {b'what do ya want for nothing?'.hex()}": (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    f"hmac {'aa' * 131} {b'Test Using Larger Than Block-Size Key - Hash Key First'.hex()}": (
        "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
}


@pytest.fixture(scope="module", params=INSTALLED or WHEEL)
def program(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler, agent = (INSTALLED or WHEEL)[request.param], templates() / "agent"
    binary = tmp_path_factory.mktemp("vectors") / "vectors"
    sources = [Path(__file__).with_name("vectors.c"), agent / "sha256.c", agent / "crc32.c"]
    subprocess.run(
        [*compiler, *STRICT, "-fsanitize=undefined", "-fno-sanitize-recover", f"-I{agent}", *sources, "-o", binary],
        check=True,
    )
    return binary


def answers(program: Path, questions: list[str]) -> list[str]:
    done = subprocess.run([program], input="\n".join(questions) + "\n", capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_published_vectors(program: Path) -> None:
    assert answers(program, list(PUBLISHED)) == list(PUBLISHED.values())


def test_every_length_around_the_block_boundaries_agrees_with_python(program: Path) -> None:
    source = random.Random(4)
    questions, wanted = [], []
    for length in [*range(1, 200), 1000, 4000]:
        message, key = source.randbytes(length), source.randbytes(length % 130 + 1)
        questions += [f"sha256 {message.hex()}", f"crc32 {message.hex()}", f"hmac {key.hex()} {message.hex()}"]
        wanted += [hashlib.sha256(message).hexdigest(), f"{zlib.crc32(message):08x}"]
        wanted.append(hmac.new(key, message, hashlib.sha256).hexdigest())
    assert answers(program, questions) == wanted


def test_more_channels_than_their_one_byte_counts_are_refused_when_it_is_built(tmp_path: Path) -> None:
    compiler = next(iter((INSTALLED or WHEEL).values()))
    counted, said = templates() / "agent" / "identity.c", {}
    for most in ("255u", "256u", "((unsigned)256)"):
        (tmp_path / "agent_config.h").write_text(f"#define AGENT_MAX_CHANNELS {most}\n")
        command = [*compiler, *STRICT, "-c", f"-I{tmp_path}", str(counted), "-o", str(tmp_path / "part.o")]
        said[most] = subprocess.run(command, capture_output=True, text=True, check=False).stderr
    assert said.pop("255u") == ""
    assert all("one byte counts the channels, so 255 at most" in text for text in said.values()), said


@pytest.mark.parametrize("compiler", WHEEL | INSTALLED)
def test_the_agent_compiles_without_a_warning_and_needs_no_libc(compiler: str, tmp_path: Path) -> None:
    agent, port = templates() / "agent", templates() / "ports" / "sim-cortex-m3"
    for source in sorted(agent.glob("*.c")):
        command = [
            *(WHEEL | INSTALLED)[compiler],
            *STRICT,
            "-Wconversion",
            "-ffreestanding",
            "-c",
            f"-I{agent}",
            f"-I{port}",
        ]
        subprocess.run([*command, source, "-o", tmp_path / "part.o"], check=True)
        included = {text.split()[1] for text in source.read_text().splitlines() if text.startswith("#include <")}
        assert included <= {"<stdint.h>", "<stdbool.h>"}
