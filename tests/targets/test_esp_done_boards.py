# SPDX-License-Identifier: GPL-3.0-or-later
"""A done board whose own program has worked since is still done; what cannot be made out is never called lost.

`nvs_images` are partitions of done boards as real programs left them: a network name in GBK, and a counter that a power
cut left twice, which firmware repairs when it starts.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from idftool.nvs import parse as idf_parse

from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, CertName, Identity, Port, Provider, Secret, State
from station.profiles.profile import Profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.simulate.esp import BoardSpec, EspBoard
from station.targets import get_target
from tests.targets.esp_bench import FCTRY, MAC, OTHER_MAC, PARTITIONS, SIZE, profile
from tests.targets.nvs_page import Page

IMAGES = Path(__file__).parent / "nvs_images"
PRODUCT, NAME, SECRET = "a1Xw2y3z4Q5", "door0000", "a4c123b1612dd272d1371c17149d4395"
DONE = Identity(primary=Certificate(product_key=PRODUCT, device_name=NAME, device_secret=Secret(SECRET)))


@dataclass
class Bench:
    ledger: Ledger

    def visit(self, board: EspBoard, **options: Any) -> Visit:
        using = Profile(name="esp", target="esp-nvs", products=(PRODUCT,), options=profile(**options).options)
        job = Job(ledger=self.ledger, target=get_target("esp-nvs"), profile=using, tell=lambda _visit: None)
        return flash(job, Port(url=board.url, slot="1", serial=board.mac))

    def state(self) -> State:
        known = self.ledger.named(CertName(PRODUCT, NAME))
        assert known
        return known.state


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as stock:
        stock.receive(BatchKey(provider=Provider.LIVING, batch_id="1", product_key=PRODUCT), [DONE])
        yield Bench(stock)


@pytest.fixture
def done(bench: Bench) -> Iterator[EspBoard]:
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        assert bench.visit(board).outcome is Outcome.PASS
        yield board


def own(page: Page | None = None, *, secret: str = SECRET) -> Page:
    """As a program that wrote each key once leaves it."""
    page = (page or Page()).add(0, 0x01, b"aliyun-key", b"\x01")
    for key, value in ((b"ProductKey", PRODUCT), (b"DeviceName", NAME), (b"DeviceSecret", secret)):
        page.add(1, 0x21, key, b"", value.encode() + b"\0")
    return page


@pytest.mark.parametrize("name", ["nvs-done-plus-gbk.bin", "nvs-done-plus-duplicate-counter.bin"])
def test_a_done_board_is_done_whatever_its_own_program_keeps_there(bench: Bench, done: EspBoard, name: str) -> None:
    done.preload(FCTRY, (IMAGES / name).read_bytes())
    seen = bench.visit(done)
    assert (seen.outcome, seen.error) == (Outcome.ALREADY_DONE, None)


CANNOT_BE_MADE_OUT = {
    "its own key twice, as after a power cut": bytes(own().add(1, 0x21, b"DeviceName", b"", NAME.encode() + b"\0")),
    "its own key twice, of two types": bytes(own().add(1, 0x01, b"DeviceSecret", b"\x01")),
    "a page that was being erased": b"\xff" * 2000 + b"\0" * 2096,
    "a page with a changed header": bytes(own())[:20] + b"\0" + bytes(own())[21:],
    "a secret with a changed byte": bytes(own()).replace(SECRET.encode(), SECRET.encode()[:-1] + b"\0"),
    "a page of a newer firmware": bytes(own(Page(version=0xFC))),
    "not NVS at all": b"\x12\x34" * 2048,
}


@pytest.mark.parametrize("page", CANNOT_BE_MADE_OUT.values(), ids=CANNOT_BE_MADE_OUT.keys())
def test_a_done_board_that_cannot_be_made_out_starts_once_and_comes_again(
    bench: Bench, done: EspBoard, page: bytes
) -> None:
    done.preload(FCTRY, page.ljust(SIZE, b"\xff"))
    written = done.stats.erased_sectors
    seen = bench.visit(done)
    assert seen.error
    assert seen.error.code == "E613"
    assert "start once" in seen.error.do
    assert "retire" not in seen.error.do
    assert not seen.outcome.is_judged
    assert done.stats.erased_sectors == written
    assert bench.state() is State.CONSUMED
    done.preload(FCTRY, bytes(own()).ljust(SIZE, b"\xff"))  # as its firmware repaired it
    assert bench.visit(done).outcome is Outcome.ALREADY_DONE


LOST = {
    "an erased partition": b"",
    "only what others keep": bytes(Page().add(0, 0x01, b"app", b"\x01").add(1, 0x01, b"k", b"\x01")),
    "another secret": bytes(own(secret="0" * 32)),
}


@pytest.mark.parametrize("page", LOST.values(), ids=LOST.keys())
def test_a_partition_that_was_read_and_lacks_the_identity_is_lost(bench: Bench, done: EspBoard, page: bytes) -> None:
    done.preload(FCTRY, page.ljust(SIZE, b"\xff"))
    seen = bench.visit(done)
    assert seen.error
    assert seen.error.code == "E213"


def test_a_copy_with_damage_beside_it_is_a_clone_all_the_same(bench: Bench, done: EspBoard) -> None:
    copied = bytes(own()) + b"\xff" * 4000 + b"\0" * 96
    with EspBoard(BoardSpec(chip="esp32c3", mac=OTHER_MAC, partitions=PARTITIONS)) as copy:
        copy.preload(FCTRY, copied.ljust(SIZE, b"\xff"))
        assert bench.visit(copy).outcome is Outcome.ALARM
    assert bench.visit(done).outcome is Outcome.ALREADY_DONE


def test_what_others_keep_is_on_the_board_byte_for_byte_after_a_merge(bench: Bench) -> None:
    ssid, name = "工厂".encode("gbk") + b"\0", "开机".encode()
    others = Page().add(0, 0x01, b"app", b"\x01").add(1, 0x21, b"ssid", b"", ssid).add(1, 0x01, name, b"\x07")
    others.add(1, 0x01, b"boots", b"\x01").add(1, 0x01, b"boots", b"\x02").add(1, 0x42, b"cal", b"", b"\0\xff", chunk=0)
    others.add(1, 0x48, b"cal", b"\x02\0\0\0\x01\x00\xff\xff")
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(FCTRY, bytes(others).ljust(SIZE, b"\xff"))
        assert bench.visit(board, existing="merge").outcome is Outcome.PASS
        there = idf_parse(board.flash_bytes(FCTRY, SIZE), strict=True).entries
    kept = {e.key: (e.raw[0].payload if e.type == "string" else e.value) for e in there if e.namespace == "app"}
    assert kept == {"ssid": ssid, "开机": 7, "boots": 2, "cal": b"\0\xff"}
    assert {e.key: e.value for e in there if e.namespace == "aliyun-key"}["DeviceSecret"] == SECRET


def test_what_is_damaged_is_not_merged_away(bench: Bench) -> None:
    cut_off = Page().add(0, 0x01, b"app", b"\x01").add(1, 0x42, b"cal", b"", b"\0\xff", chunk=0)
    image = bytes(cut_off).ljust(SIZE, b"\xff")
    with EspBoard(BoardSpec(chip="esp32c3", mac=MAC, partitions=PARTITIONS)) as board:
        board.preload(FCTRY, image)
        seen = bench.visit(board, existing="merge")
        assert seen.error
        assert (seen.error.code, seen.error.do.startswith("let the board start once")) == ("E206", True)
        assert board.flash_bytes(FCTRY, SIZE) == image
    assert bench.state() is State.READY
