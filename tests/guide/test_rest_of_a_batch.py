# SPDX-License-Identifier: GPL-3.0-or-later
"""A batch whose pull ended on the way is not all ready: its rest is offered, also at the next start."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path

import pytest

from station.desk.desk import Batch
from station.guide.accounts import AccountWish
from station.guide.asker import Left, Phrase, Pick
from station.guide.dialogue import walk
from station.guide.first_batch import pull
from station.guide.guide import Guide
from station.guide.making import KeptBy
from station.guide.unfinished import is_unfinished
from station.model import Language, Provider, Secret, State
from station.simulate.cloud import CloudSimulator
from station.words.tongues import TONGUES
from tests.guide.guide_floor import Bare
from tests.guide.script import Script, Value

TYPE_A_NUMBER = 1
OPEN, REST = 0, 2


class Choosing(Script):
    """Keeps what was offered last, and leaves when the answers are at their end."""

    offered: Sequence[str] = ()

    def choose(self, title: Phrase, choices: Sequence[Pick[Value]]) -> Value | None:
        self.offered = [choice.said(TONGUES[Language.ENGLISH]) for choice in choices]
        if not self.answers:
            raise Left
        return super().choose(title, choices)


def walked(guide: Guide, script: Choosing) -> Choosing:
    with suppress(Left):
        walk(script, guide, Language.ENGLISH, said=True)
    return script


@pytest.fixture
def bare(tmp_path: Path, cloud: CloudSimulator) -> Bare:
    """Nothing is missing but certificates."""
    made, product = Bare(tmp_path), cloud.add_product("Lamp").product_key
    account = {"url": cloud.url, "app_key": cloud.living_key, "project_id": cloud.project_id}
    with closing(made.guide()) as guide:
        guide.begin(name="b", language=Language.ENGLISH, kept_by=KeptBy.FILE, passphrase=None)
        guide.first_supervisor("Li", Secret("246810"))
        wish = AccountWish(provider=Provider.LIVING, values=account, secret=Secret(cloud.living_secret))
        guide.keep_account(wish, tried=True)
        guide.make_profile(product, "Lamp", like="agent")
        guide.name_port("1", "socket://127.0.0.1:9")
    return made


def test_the_rest_of_a_batch_is_offered_when_all_else_is_ready(bare: Bare, cloud: CloudSimulator) -> None:
    with closing(bare.guide()) as guide:
        [product] = guide.profile_products()
        batch = cloud.produce(cloud.world.products[product], amount=101).batch_id
        cloud.add_faults("path=*/query page=2 times=1 do=code:460")
        script = walked(guide, Choosing(TYPE_A_NUMBER, {"number": batch}))
        rest = f"Pull batch {batch} (? certificates)"
        assert "!" in script.told and rest in script.offered
    with closing(bare.guide()) as guide:
        script = walked(guide, Choosing(REST))
        assert f"Batch {batch}: 101 certificates are here" in script.told and rest not in script.offered
        assert guide.ledger.stock.by_state()[State.READY] == 101
        assert is_unfinished(bare.load())
        walked(guide, Choosing(OPEN))
    assert not is_unfinished(bare.load())


def test_a_mistyped_number_is_not_offered_as_a_batch(bare: Bare) -> None:
    with closing(bare.guide()) as guide:
        script = walked(guide, Choosing(TYPE_A_NUMBER, {"number": "9999999"}))
    assert script.told.startswith("E405 batch 9999999") and "station pull" not in script.told
    assert "Wait, pull again" in script.told
    assert script.offered[0].startswith("Order") and not any("9999999" in choice for choice in script.offered)


def test_a_number_that_the_cloud_was_not_asked_about_is_offered_again(bare: Bare, cloud: CloudSimulator) -> None:
    """The cloud is in trouble: the number may well be right."""
    cloud.add_faults("path=*/query do=code:460")
    with closing(bare.guide()) as guide:
        script = walked(guide, Choosing(TYPE_A_NUMBER, {"number": "9999999"}))
    assert "Pull batch 9999999 (? certificates)" in script.offered


@pytest.mark.parametrize(("total", "here"), [(101, "100 / 101"), (0, "100 / ?"), (100, "100")])
def test_of_a_pull_that_was_given_up_it_is_said_what_is_here(
    bare: Bare, monkeypatch: pytest.MonkeyPatch, total: int, here: str
) -> None:
    with closing(bare.guide()) as guide:
        monkeypatch.setattr(guide, "pull", lambda *_: Batch(batch_id="7", product_key="p", total=total, pulled=100))
        script = Script()
        pull(script, guide, "7")
    assert script.told == f"Batch 7: {here} certificates are here."


def test_what_is_for_no_board_of_the_profile_is_told_before_the_bench_is_opened(
    bare: Bare, cloud: CloudSimulator
) -> None:
    recorder = cloud.add_product("Recorder", channels=4)
    batch = cloud.produce(recorder, amount=2).batch_id
    with closing(bare.guide()) as guide:
        guide.make_profile(recorder.product_key, "Recorder", like="agent")
        script = walked(guide, Choosing(TYPE_A_NUMBER, {"number": batch}))
        assert "E500" in script.told and 'need identity = "nvr-set" in the profile' in script.told
        path = next(guide.config.profiles_dir.glob("recorder*.toml"))
        path.write_text(path.read_text("utf-8").replace("\n[agent]", 'identity = "nvr-set"\n[agent]', 1), "utf-8")
        assert guide.nothing_fits() is None
        script = walked(guide, Choosing(OPEN))
        assert "E500" not in script.told
