# SPDX-License-Identifier: GPL-3.0-or-later
"""The ESP-IDF template finds what the station's esp-nvs layouts put on a board: every layout, every kind of set."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from station.errors import BoardFault
from station.model import Certificate, Identity, IdentityKind, Secret
from station.simulate.firmware import templates
from station.targets.esp.layout import to_entries
from station.targets.esp.nvs import Entry, EntryKind
from station.targets.esp.options import FIELDS, read_options
from tests.built import built
from tests.sampled import sampled
from tests.templates.compiling import (
    AGENT,
    HERE,
    HOSTS,
    PRODUCT,
    host_command,
    host_program,
    product_sources,
    store_sources,
)

CONFIG = templates() / "esp-idf" / "src" / "agent_config.h"
LAYOUTS: dict[str, tuple[dict[str, object], dict[str, str]]] = {
    "aliyun, one board": ({"preset": "aliyun"}, {}),
    "aliyun, keys per channel": ({"preset": "aliyun", "channels": {}}, {}),
    "aliyun, one blob": ({"preset": "aliyun", "channels": {"blob": "Set"}}, {'NVS_IDENTITY_BLOB ""': '"Set"'}),
    "iotda": (
        {"preset": "iotda"},
        {
            'NVS_IDENTITY_NAMESPACE "aliyun-key"': '"iotda"',
            'NVS_IDENTITY_KEYS {"ProductKey", "DeviceName", "DeviceSecret", "ProductSecret"}': (
                '{"product_id", "device_id", "secret", NULL}'
            ),
        },
    ),
    "fields as blobs": (
        {"preset": "aliyun", "encoding": "blob", "channels": {}},
        {"NVS_IDENTITY_AS_BLOBS 0": "1"},
    ),
}
ROOM = 40


def configure(folder: Path, changes: dict[str, str]) -> None:
    """The template's settings, with room for the cameras."""
    config = CONFIG.read_text("utf-8")
    for old, new in {"AGENT_MAX_CHANNELS 0u": f"{ROOM}u", **changes}.items():
        assert f"#define {old}" in config, "the template names this setting otherwise"
        config = config.replace(f"#define {old}", f"#define {old.split()[0]} {new}")
    (folder / "agent_config.h").write_text(config)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What no layout changes, compiled once: one object of the store and the getters."""
    folder = tmp_path_factory.mktemp("shared")
    configure(folder, {})
    sources = [*store_sources(), *product_sources()]
    command = [*host_command(next(iter(HOSTS.values())), sources, [folder]), "-r", "-nostdlib"]
    return built("nvs-shared.o", command, [AGENT, PRODUCT, folder, *sources], here=folder)


@pytest.fixture(scope="module", params=LAYOUTS)
def layout(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, shared: Path
) -> tuple[dict[str, object], Callable[[list[Entry]], list[str]]]:
    """A profile's table, and the template built for it: entries in, its findings out."""
    table, changes = LAYOUTS[request.param]
    folder = tmp_path_factory.mktemp("nvs")
    configure(folder, changes)
    source = folder / "nvs_identity.c"  # a copy: its own folder's agent_config.h would come first
    source.write_bytes(CONFIG.with_name("nvs_identity.c").read_bytes())
    (folder / "nvs_identity.h").write_bytes(CONFIG.with_name("nvs_identity.h").read_bytes())
    sources = [source, HERE / "programs" / "nvs_entries.c"]
    includes = [folder, HERE / "stubs" / "esp-idf"]
    name = f"nvs-{list(LAYOUTS).index(request.param)}"
    program = host_program(next(iter(HOSTS.values())), [*sources, shared], includes, name, here=folder)
    return table, lambda entries: _run(program, entries)


def _run(program: Path, entries: list[Entry]) -> list[str]:
    lines = []
    for entry in entries:
        if isinstance(entry.value, int):
            kind, raw = "u8", bytes([entry.value])
        elif entry.kind is EntryKind.STRING:
            kind, raw = "str", str(entry.value).encode() + b"\0"
        else:
            kind, raw = "blob", bytes(entry.value)  # type: ignore[arg-type]
        lines.append(f"{entry.namespace} {entry.key} {kind} {raw.hex()}\n")
    return subprocess.run(
        [program], input="".join(lines), capture_output=True, text=True, check=True
    ).stdout.splitlines()


def an_identity(cameras: int, *, product_secret: bool) -> Identity:
    def one(n: int) -> Certificate:
        return Certificate(
            product_key=f"a1Product{n}",
            device_name=f"ipc@{n}:前门" if n else "nvr-0001",
            device_secret=Secret(f"secret-{n}"),
            product_secret=Secret(f"product-secret-{n}") if product_secret else None,
        )

    channels = tuple(map(one, range(1, cameras + 1)))
    return Identity(primary=one(0), channels=channels, kind=IdentityKind.SET if cameras else IdentityKind.SINGLE)


def findings(identity: Identity) -> list[str]:
    return ["0", *(f"{len(value)} {value.decode()}" for one in identity for value in one.board_fields())]


@pytest.mark.parametrize("cameras", sampled([0, 1, ROOM, 12], 2))
@pytest.mark.parametrize("product_secret", [False, True])
def test_what_the_station_writes_is_what_the_getters_return(
    layout: tuple[dict[str, object], Callable[[list[Entry]], list[str]]], cameras: int, product_secret: bool
) -> None:
    table, read = layout
    options = read_options(table)
    identity = an_identity(cameras, product_secret=product_secret)
    if (cameras and not options.channels) or (product_secret and "product_secret" not in options.keys):
        with pytest.raises(BoardFault):  # no place for it, and the station knows
            to_entries(identity, options, fields=FIELDS if product_secret else FIELDS[:3])
        return
    assert read(list(to_entries(identity, options, fields=FIELDS if product_secret else FIELDS[:3]))) == findings(
        identity
    )


def test_what_is_not_whole_is_no_identity(
    layout: tuple[dict[str, object], Callable[[list[Entry]], list[str]]],
) -> None:
    table, read = layout
    options = read_options(table)
    entries = list(
        to_entries(an_identity(2 if options.channels else 0, product_secret=False), options, fields=FIELDS[:3])
    )
    blank = ["0 "] * 4
    assert read([]) == [str(0x1102), *blank]
    for missing in entries:
        if options.channels and missing.key == options.channels.count:
            continue  # without it the set is a single board, as the layout has it
        code, *fields = read([entry for entry in entries if entry is not missing])
        assert (int(code), fields) == (0x1102, blank), missing.key


def test_a_set_too_large_for_the_build_or_cut_off_is_refused_whole(
    layout: tuple[dict[str, object], Callable[[list[Entry]], list[str]]],
) -> None:
    table, read = layout
    options = read_options(table)
    if not options.channels:
        return
    entries = list(to_entries(an_identity(ROOM + 1, product_secret=False), options, fields=FIELDS[:3]))
    assert read(entries) == [str(0x110C), *["0 "] * 4]
    if options.channels.blob:
        short = [
            Entry(namespace=e.namespace, key=e.key, kind=e.kind, value=e.value[:-1])
            if isinstance(e.value, bytes)
            else e
            for e in to_entries(an_identity(3, product_secret=False), options, fields=FIELDS[:3])
        ]
        assert read(short) == [str(0x110C), *["0 "] * 4]
