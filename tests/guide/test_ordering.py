# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificates ordered on the screen: what is offered, the PIN, an answer that is lost, and what the cloud has then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from station.config.settings import load
from station.desk.orders import OrderOf, Orders
from station.errors import TooSoon
from station.guide.ordering import ask_for_order
from station.ledger.store import Ledger
from station.model import Secret
from station.people.pins import set_pin
from station.simulate.cloud import CloudSimulator
from station.tui.app import BenchApp
from tests.guide.guide_desk import OrdersOnly
from tests.guide.script import Script
from tests.tui.live_floor import PIN, Bench, live
from tests.tui.tui_floor import Floor


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with live(tmp_path) as bench:
        yield bench


def orders(bench: Bench, *, ask_above: int = 5000) -> Orders:
    """Of the demo's cloud, with an account at each of its three."""
    cloud, folder = bench.demo.cloud, bench.demo.folder
    secret = folder / "living.secret"
    secret.write_text(cloud.living_secret)
    secret.chmod(0o600)
    account = f'url = "{cloud.url}"\nsecret_file = "{secret}"\nproject_id = "{cloud.project_id}"\n'
    (folder / "orders.toml").write_text(
        f'[bench]\nstate_dir = "{folder}/state"\n[cloud]\nask_above = {ask_above}\n'
        f'[cloud.living]\ncalls_per_s = 0\napp_key = "{cloud.living_key}"\n{account}'
        f'[cloud.iotda]\nregion = "r"\naccess_key = "a"\n{account}'
        f'[cloud.aliyun_iot]\naccess_key = "a"\nurl = "{cloud.url}"\nsecret_file = "{secret}"\n'
    )
    return Orders(bench.demo.ledger, lambda: load(folder / "orders.toml", {}, {}))


def made(cloud: CloudSimulator) -> int:
    return len(cloud.world.batches)


def test_each_cloud_offers_only_what_it_can(bench: Bench) -> None:
    offers = [(offer.provider, offer.of) for offer in orders(bench).offers()]
    assert offers == [
        *(("living", of) for of in OrderOf),
        ("aliyun-iot", OrderOf.NUMBER),
        ("aliyun-iot", OrderOf.NAMES),
    ]


def test_nothing_is_paid_for_a_slip_of_the_hand_or_without_the_pin(bench: Bench) -> None:
    product, before = bench.demo.profile.products[0], made(bench.demo.cloud)
    desk = OrdersOnly(orders(bench, ask_above=5))
    script = Script(0, {"amount": "0"}, {"amount": "1x"}, {"amount": "6"}, {"again": "66", "pin": PIN}, None)
    assert ask_for_order(script, desk, product_key=product, supervisor="Li Wei") == ()
    assert "That is no number" in script.told and "another number" in script.told
    assert "6 certificates of Demo camera" in script.asked and "cost money" in script.asked
    script = Script(0, {"amount": "2"}, {"pin": "000000"}, None)
    assert ask_for_order(script, desk, product_key=product, supervisor="Li Wei") == ()
    assert "E605" in script.told
    assert made(bench.demo.cloud) == before
    script = Script(0, {"amount": "6"}, {"again": "6", "pin": PIN})
    assert len(ask_for_order(script, desk, product_key=product, supervisor="Li Wei")) == 1
    assert made(bench.demo.cloud) == before + 1


def test_a_product_that_was_typed_is_still_there_after_an_amount_that_is_none(bench: Bench) -> None:
    product = bench.demo.profile.products[0]
    script = Script(0, {"product": product, "amount": "1x"}, {"amount": "6"}, None)
    assert ask_for_order(script, OrdersOnly(orders(bench)), supervisor="Li Wei") == ()
    assert f"({product}) at Living Link" in script.asked


def test_what_was_typed_is_there_again_after_it_was_wrong(bench: Bench, tmp_path: Path) -> None:
    product, desk = bench.demo.profile.products[0], OrdersOnly(orders(bench))
    (tmp_path / "names").write_text("own_1\n")
    typed: list[Mapping[str, str]] = [{"file": str(tmp_path / "none")}, {"file": str(tmp_path / "names")}]
    script = Script(1, *typed, {"product": "a1None"}, {"product": product}, None)
    assert ask_for_order(script, desk, product_key="a1None", supervisor="Li Wei") == ()
    assert script.told.count("!") == 3 and "check the product key" in script.told
    assert "1 certificates with names of your own of Demo camera" in script.asked


def test_an_order_whose_answer_is_lost_is_never_paid_twice(bench: Bench) -> None:
    product, cloud = bench.demo.profile.products[0], bench.demo.cloud
    before, desk = made(cloud), OrdersOnly(orders(bench))
    cloud.add_faults("path=*/generate do=drop-after")
    script = Script(0, {"amount": "2"}, {"pin": PIN})
    assert ask_for_order(script, desk, product_key=product, supervisor="Li Wei") == ()
    assert "E604" in script.told
    assert made(cloud) == before + 1, "the cloud has made it"
    script = Script(0, {"amount": "2"})
    assert ask_for_order(script, desk, product_key=product, supervisor="Li Wei") == ()
    assert "E604" in script.told and "station batch settle" in script.told
    assert made(cloud) == before + 1


def test_names_of_ones_own_come_from_a_file_and_the_same_list_is_paid_once(bench: Bench, tmp_path: Path) -> None:
    product, cloud = bench.demo.profile.products[0], bench.demo.cloud
    (tmp_path / "names").write_text("own_1\nown_2\n")
    desk = OrdersOnly(orders(bench))
    lines: tuple[int | Mapping[str, str], ...] = (1, {"file": str(tmp_path / "names")}, {"pin": PIN})
    [batch] = ask_for_order(Script(*lines), desk, product_key=product, supervisor="Li Wei")
    assert {row.primary.device_name for row in cloud.batch(batch).rows()} == {"own_1", "own_2"}
    calls = [request.operation for request in bench.demo.ledger.requests.all()]
    assert ask_for_order(Script(*lines), desk, product_key=product, supervisor="Li Wei") == (batch,)
    assert [request.operation for request in bench.demo.ledger.requests.all()] == calls


def too_soon(*_: object) -> tuple[str, ...]:
    raise TooSoon("too many wrong PINs", wait_s=500)


def seconds_left(shown: str) -> int:
    return int(re.findall(r"–  (\d+) s", shown)[-1])


@pytest.mark.asyncio
async def test_a_supervisor_orders_from_the_batches_room_and_it_is_pulled(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.desk._orders = orders(bench)
    before = made(bench.demo.cloud)
    app = BenchApp(bench.desk, bench.desk.station())
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        at = Floor(app, pilot, bench.desk)  # type: ignore[arg-type]
        await at.press("f9")
        await at.sees("Supervisor PIN")
        await at.press(*PIN, "enter")
        await at.sees("Supervisor: Li Wei")
        await at.press("enter")
        await at.sees("F8: order")
        await at.press("f8")
        await at.sees("Names by the cloud")
        await at.press("enter")
        await at.sees("productKey", bench.demo.profile.products[0], "How many")
        await at.press("2", "enter")
        await at.sees("2 certificates of Demo camera", "cost money")
        for label in ("SN5A00C0FFEE01", "001122334455"):  # by its looks, and by the pace of its keys
            await at.scan(label)
            await at.sees("Unknown code, nothing changed", "cost money")
        with monkeypatch.context() as waits:
            waits.setattr(bench.desk, "place_order", too_soon)
            await at.press(*PIN, "enter")
            shown = await at.sees("E606", "cost money")
            await at.until(lambda: seconds_left(at.screen()) < seconds_left(shown))
        await at.press(*PIN, "enter")
        await at.sees("Ordered: batch")
        await at.press("enter")
        await at.sees("2 / 2")
    assert made(bench.demo.cloud) == before + 1


def test_the_pin_of_an_order_is_in_the_audit_and_its_words_are_not(bench: Bench) -> None:
    ledger: Ledger = bench.demo.ledger
    set_pin(ledger, "Zhang", Secret("135790"))
    script = Script(0, {"amount": "1"}, {"pin": "135790"})
    product = bench.demo.profile.products[0]
    assert ask_for_order(script, OrdersOnly(orders(bench)), product_key=product, supervisor="Zhang")
    lines = "\n".join(str(line) for line in ledger.audit.log())
    assert "batch ordered" in lines and "Zhang" in lines
    assert "135790" not in lines + script.told + script.asked
