# SPDX-License-Identifier: GPL-3.0-or-later
"""一型一密: a board gets productKey, deviceName and productSecret. The secret is every board's, the name is its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from station.errors import ConfigError
from station.flow.visit import Visit
from station.ledger.store import Ledger
from station.model import CertName, State
from station.profiles.profile import Profile, SecretMode, parse_profile
from station.rules import Outcome
from station.simulate.agent_board import read_identity
from station.targets import check_options
from tests.flow.flow_table import PRODUCT, Table
from tests.raw import raw

SECRET = "ProductSecretOfAll"


@pytest.fixture
def one_for_all(table: Table) -> Table:
    table.profile = replace(table.profile, secret=SecretMode.PRODUCT, product_secret=True)
    table.stock_up("cam1", "cam2", product_secret=SECRET)
    return table


def inside(table: Table, number: int) -> list[tuple[str, str, str, str]]:
    """What the board's own storage holds, every field."""
    held = read_identity(table.folder / f"{number}.flash") or []
    return [tuple(field.decode() for field in one.board_fields()) for one in held]  # type: ignore[misc]


def test_each_board_gets_a_name_of_its_own_and_the_product_secret(one_for_all: Table) -> None:
    first, second = one_for_all.board(1), one_for_all.board(2)
    assert [one_for_all.flash(board).outcome for board in (first, second)] == [Outcome.PASS, Outcome.PASS]
    assert inside(one_for_all, 1) == [(PRODUCT, "cam1", "", SECRET)]
    assert inside(one_for_all, 2) == [(PRODUCT, "cam2", "", SECRET)]
    assert one_for_all.flash(first, slot="7").outcome is Outcome.ALREADY_DONE
    one_for_all.ledger.audit.verify()


def test_no_board_ever_sees_its_device_secret(one_for_all: Table) -> None:
    one_for_all.flash(one_for_all.board(1))
    assert b"Secretcam1" not in (one_for_all.folder / "1.flash").read_bytes()


def test_the_same_name_on_a_second_board_is_a_clone_though_the_secret_is_shared(one_for_all: Table) -> None:
    one_for_all.flash(one_for_all.board(1))
    visit = one_for_all.flash(one_for_all.board(2, store=1))
    assert (visit.outcome, visit.error and visit.error.code) == (Outcome.ALARM, "E701")
    assert one_for_all.state("cam2") is State.READY


def test_after_the_last_proof_both_secrets_of_this_row_are_gone_and_no_others(one_for_all: Table) -> None:
    one_for_all.flash(one_for_all.board(1))
    with raw(one_for_all.ledger.path) as db:
        rows = db.execute("SELECT device_name, secret, product_secret FROM certificates ORDER BY id").fetchall()
    gone, kept = rows
    assert (gone["secret"], gone["product_secret"]) == (None, None)
    assert None not in (kept["secret"], kept["product_secret"])


def test_a_certificate_without_product_secret_goes_on_no_board(table: Table) -> None:
    table.profile = replace(table.profile, secret=SecretMode.PRODUCT, product_secret=True)
    table.stock_up("cam1")
    visit = table.flash(table.board(1))
    assert visit.error is not None
    assert (visit.error.code, "--with-product-secret" in visit.error.do) == ("E500", True)
    assert visit.outcome is Outcome.STATION_FAULT  # no board is to blame
    assert (table.holds(1), table.state("cam1")) == ([], State.READY)


def test_certificates_without_one_at_the_head_of_the_queue_stop_no_board(table: Table) -> None:
    table.profile = replace(table.profile, secret=SecretMode.PRODUCT, product_secret=True)
    table.stock_up("bare")
    table.stock_up("cam1", product_secret=SECRET)
    assert table.flash(table.board(1)).outcome is Outcome.PASS
    assert inside(table, 1) == [(PRODUCT, "cam1", "", SECRET)]
    assert table.state("bare") is State.READY


def test_one_in_doubt_that_came_without_is_not_written_as_nothing(table: Table) -> None:
    """The profile was changed to one secret per product while a board was in doubt."""
    table.stock_up("cam1")
    assert table.flash(table.board(1, cut_at=2)).outcome is not Outcome.PASS
    assert table.state("cam1") is State.IN_DOUBT
    table.profile = replace(table.profile, secret=SecretMode.PRODUCT, product_secret=True)
    visit = table.flash(table.board(1))
    assert (visit.outcome, table.holds(1)) != (Outcome.PASS, ["cam1"])
    assert visit.error is not None and "came without" in visit.error.what
    assert table.state("cam1") is State.IN_DOUBT
    table.stock_up("cam1", product_secret=SECRET)
    assert table.flash(table.board(1)).outcome is Outcome.PASS
    assert inside(table, 1) == [(PRODUCT, "cam1", "", SECRET)]


def test_a_board_that_stores_another_secret_is_not_called_done(one_for_all: Table) -> None:
    visit = one_for_all.flash(one_for_all.board(1, flips_stored_byte=True))
    assert visit.outcome is not Outcome.PASS
    assert one_for_all.state("cam1") is not State.CONSUMED
    healed = one_for_all.flash(one_for_all.board(1))
    assert healed.outcome is Outcome.PASS
    assert inside(one_for_all, 1) == [(PRODUCT, "cam1", "", SECRET)]


def test_a_board_that_lies_about_what_it_holds_does_not_get_by_the_proof(one_for_all: Table) -> None:
    visit = one_for_all.flash(one_for_all.board(1, flips_stored_byte=True, lies_about_digest=True))
    assert visit.outcome is not Outcome.PASS


def test_the_product_secret_is_in_nothing_that_is_told(
    one_for_all: Table, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    visits = [one_for_all.flash(one_for_all.board(1)), one_for_all.flash(one_for_all.board(2, flips_stored_byte=True))]
    told = [repr(visit) + str(visit.error) for visit in (*visits, *one_for_all.told)]
    assert SECRET not in "".join([*told, *capfd.readouterr(), caplog.text])
    assert SECRET.encode() not in (one_for_all.folder / "ledger.db").read_bytes()


def test_interrupted_it_is_married_to_its_board(one_for_all: Table, reopen: Callable[[], Ledger]) -> None:
    def dies(visit: Visit) -> None:
        if visit.phase == "write" and visit.fraction:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        one_for_all.flash(one_for_all.board(1), tell=dies)
    reopen()
    assert one_for_all.state("cam1") is State.IN_DOUBT
    assert one_for_all.flash(one_for_all.board(2)).outcome is Outcome.PASS
    assert one_for_all.holds(2) == ["cam2"]
    known = one_for_all.ledger.named(CertName(PRODUCT, "cam1"))
    assert known is not None and known.board_uid == one_for_all.board(1).uid


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"secret": "both"}, "“secret” must be one of device, product"),
        ({"secret": "product", "product_secret": False}, "leave out product_secret"),
        ({"secret": "product", "identity": "nvr-set"}, "for single boards"),
        ({"secret": "product", "identity": "nvr-members"}, "for single boards"),
        ({"secret": True}, "“secret” must be a str"),
    ],
)
def test_a_profile_that_contradicts_itself_is_refused(more: dict[str, object], said: str) -> None:
    table = {"name": "x", "target": "agent", "agent": {}} | more
    with pytest.raises(ConfigError, match=said):
        parse_profile(table, check_options, source="x.toml")


def test_a_profile_says_it_with_one_key() -> None:
    table = {"name": "x", "target": "agent", "secret": "product"}
    found: Profile = parse_profile(table, check_options, source="x.toml")
    assert (found.product_secret, found.stores_device_secret) == (True, False)
