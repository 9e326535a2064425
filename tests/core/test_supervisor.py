# SPDX-License-Identifier: GPL-3.0-or-later
"""Supervisors and their PINs: each opens with their own, wrong tries make everybody wait, and nobody longer than they
must, whatever the clock does.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from station.errors import NeedsPerson, UsageError
from station.ledger.store import Ledger
from station.model import Secret
from station.people import pins as people
from station.people.pins import UNNAMED, check_pin, remove_supervisor, set_pin, supervisors
from station.secrets.vault import Vault
from tests.hashing import PIN_HASH, cheap_hash
from tests.sampled import examples

RIGHT, WRONG = Secret("246810"), Secret("999999")
LI, WANG = "Li Wei", "王芳"
NOON = 1_800_000_000.0


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with Ledger(tmp_path / "ledger.db", Vault(secrets.token_bytes(32))) as ledger:
        set_pin(ledger, LI, RIGHT)
        yield ledger


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[Secret]:
    """What was hashed since the first PIN."""
    hashed: list[Secret] = []

    def quick_hash(pin: Secret, salt: bytes) -> bytes:
        hashed.append(pin)
        return cheap_hash(pin, salt)

    monkeypatch.setattr(people, "_hash", quick_hash)
    return hashed


def refusal(ledger: Ledger, pin: Secret, at: float = NOON, *, name: str = "") -> str:
    """The code it was refused with; empty when it was taken."""
    try:
        check_pin(ledger, pin, purpose="test", name=name, clock=at)
    except NeedsPerson as error:
        return error.code
    return ""


def five_wrong(ledger: Ledger, at: float, *, name: str = "") -> None:
    assert [refusal(ledger, WRONG, at, name=name) for _ in range(5)] == ["E605"] * 5


def details(ledger: Ledger, event: str) -> list[dict[str, object]]:
    """Without what is for verify alone."""
    with sqlite3.connect(ledger.path) as db:
        said = [json.loads(row[0]) for row in db.execute("SELECT detail FROM audit WHERE event = ?", (event,))]
    return [{key: value for key, value in detail.items() if key != "proof"} for detail in said]


def test_a_pin_is_kept_as_rfc_7914_says_at_the_cost_that_is_promised() -> None:
    salt = secrets.token_bytes(16)
    expected = hashlib.scrypt(b"246810", salt=salt, n=2**15, r=8, p=1, maxmem=2**26, dklen=32)
    assert PIN_HASH(RIGHT, salt) == expected


# -- names -------------------------------------------------------------------------------------------------------------


def test_each_supervisor_opens_with_their_own_pin_and_is_named(ledger: Ledger) -> None:
    set_pin(ledger, WANG, Secret("135790"), by=LI)
    assert supervisors(ledger) == (LI, WANG)
    assert check_pin(ledger, RIGHT, name=LI, purpose="test") == LI
    assert check_pin(ledger, Secret("135790"), name=WANG, purpose="test") == WANG
    assert refusal(ledger, RIGHT, name=WANG) == "E605"


def test_the_only_one_need_not_be_named_and_of_several_one_must_be(ledger: Ledger) -> None:
    assert check_pin(ledger, RIGHT, purpose="test") == LI
    set_pin(ledger, WANG, Secret("135790"))
    assert refusal(ledger, RIGHT) == "E610"
    assert refusal(ledger, RIGHT, name=LI) == ""


def test_nobody_can_be_checked_before_a_pin_was_set(tmp_path: Path) -> None:
    with Ledger(tmp_path / "new.db", Vault(secrets.token_bytes(32))) as ledger:
        assert "Zhao" not in supervisors(ledger)
        assert refusal(ledger, RIGHT) == refusal(ledger, RIGHT, name=LI) == "E607"


def test_the_same_pin_for_two_is_taken_without_a_word(ledger: Ledger) -> None:
    set_pin(ledger, WANG, RIGHT)
    assert refusal(ledger, RIGHT, name=WANG) == ""


@pytest.mark.parametrize(
    "name", ["", " Li", "Li ", "L" * 33, "Li\nWei", "Li\tWei", "\x1b[2J", "a\u202eb", "a\u200bb", "\u3000", "\ud800"]
)
def test_a_name_is_short_printable_and_without_blanks_at_its_ends(ledger: Ledger, name: str) -> None:
    with pytest.raises(UsageError, match="32 printable"):
        set_pin(ledger, name, RIGHT)
    assert supervisors(ledger) == (LI,)


def test_a_label_or_a_badge_is_no_try_of_a_pin(ledger: Ledger) -> None:
    for scan in ("OP1042", "5a00c0ffee01", "5A:00:C0:FF:EE:01", "]C15A00C0FFEE01") * 2:
        with pytest.raises(NeedsPerson, match="no PIN"):
            check_pin(ledger, Secret(scan), name=LI, purpose="test")
    assert refusal(ledger, RIGHT, name=LI) == ""
    assert not details(ledger, "wrong supervisor PIN")


def test_a_pin_has_six_characters_and_is_nowhere_in_the_file(ledger: Ledger) -> None:
    with pytest.raises(UsageError):
        set_pin(ledger, LI, Secret("12345"))
    path = ledger.path
    ledger.close()
    assert all(RIGHT.reveal().encode() not in file.read_bytes() for file in path.parent.iterdir())


def test_one_who_was_removed_is_as_unknown_as_anybody_and_the_last_one_stays(ledger: Ledger) -> None:
    set_pin(ledger, WANG, Secret("135790"))
    remove_supervisor(ledger, LI, by=WANG)
    assert refusal(ledger, RIGHT, name=LI) == "E605"
    with pytest.raises(UsageError, match="only supervisor"):
        remove_supervisor(ledger, WANG)
    with pytest.raises(UsageError, match="no supervisor"):
        remove_supervisor(ledger, LI)
    assert supervisors(ledger) == (WANG,)
    assert details(ledger, "supervisor removed") == [{"supervisor": LI, "by": WANG}]


@settings(max_examples=examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["set", "remove", "restart"]),
            st.sampled_from(["named", "salt", "hash", LI]),
            st.sampled_from(["111111", "222222"]),
        ),
        max_size=12,
    )
)
def test_whatever_was_set_and_removed_each_name_opens_with_its_last_pin_only(
    steps: list[tuple[str, str, str]],
) -> None:
    vault, present = Vault(secrets.token_bytes(32)), dict[str, str]()
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.db", vault)
        for what, name, pin in steps:
            if what == "restart":
                ledger.close()
                ledger = Ledger(Path(folder) / "ledger.db", vault)
            elif what == "set":
                set_pin(ledger, name, Secret(pin))
                present[name] = pin
            elif name in present and len(present) > 1:
                remove_supervisor(ledger, name)
                del present[name]
            else:
                with pytest.raises(UsageError):
                    remove_supervisor(ledger, name)
        assert supervisors(ledger) == tuple(sorted(present))
        for name, own in present.items():
            for pin in ("111111", "222222"):
                assert (refusal(ledger, Secret(pin), name=name) == "") == (pin == own)
        ledger.close()


# -- a ledger from before supervisors had names ------------------------------------------------------------------------


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Ledger]:
    salt = secrets.token_bytes(16)
    with Ledger(tmp_path / "old.db", Vault(secrets.token_bytes(32))) as ledger:
        kept = {"salt": salt.hex(), "hash": people._hash(RIGHT, salt).hex()}
        ledger.facts.set("supervisor_pin", json.dumps(kept), event="supervisor PIN set")
        yield ledger


def test_the_pin_of_an_older_ledger_still_closes_and_opens_it(old: Ledger) -> None:
    assert supervisors(old) == (UNNAMED,)
    assert refusal(old, WRONG) == "E605"
    assert check_pin(old, RIGHT, purpose="test") == UNNAMED


def test_the_pin_of_an_older_ledger_stays_valid_beside_new_ones_and_ends_with_its_removal(old: Ledger) -> None:
    set_pin(old, LI, Secret("135790"))
    assert supervisors(old) == (LI, UNNAMED)
    assert refusal(old, RIGHT, name=UNNAMED) == ""
    remove_supervisor(old, UNNAMED)
    assert refusal(old, RIGHT) == "E605"
    assert UNNAMED not in str(old.facts.get("supervisor_pin"))


# -- wrong ones --------------------------------------------------------------------------------------------------------


def test_an_unknown_name_cannot_be_told_from_a_wrong_pin(ledger: Ledger, quick: list[Secret]) -> None:
    told = []
    for name in (LI, "nobody", "246810"):
        with pytest.raises(NeedsPerson) as refused:
            check_pin(ledger, WRONG, name=name, purpose="test")
        told.append(refused.value.lines())
        assert quick == [WRONG]  # the same work, so the same time
        quick.clear()
    assert len(set(told)) == 1
    assert [line["supervisor"] for line in details(ledger, "wrong supervisor PIN")] == [LI, "", ""]


def test_after_five_wrong_pins_even_the_right_one_waits_a_minute(ledger: Ledger) -> None:
    five_wrong(ledger, NOON)
    assert refusal(ledger, RIGHT, NOON + 59) == "E606"
    assert refusal(ledger, WRONG, NOON + 61) == "E605"
    assert refusal(ledger, RIGHT, NOON + 62) == "E606"  # each further wrong one costs another minute
    assert refusal(ledger, RIGHT, NOON + 122) == ""
    assert refusal(ledger, WRONG, NOON + 123) == "E605"
    assert refusal(ledger, RIGHT, NOON + 124) == ""


@pytest.mark.parametrize("guessed", ["", LI, "nobody"])
def test_wrong_pins_for_one_name_make_all_of_them_wait_also_after_a_restart(tmp_path: Path, guessed: str) -> None:
    vault = Vault(secrets.token_bytes(32))
    with Ledger(tmp_path / "ledger.db", vault) as ledger:
        set_pin(ledger, LI, RIGHT)
        five_wrong(ledger, NOON, name=guessed)
        set_pin(ledger, WANG, RIGHT)
    with Ledger(tmp_path / "ledger.db", vault) as ledger:
        assert [refusal(ledger, RIGHT, NOON + 1, name=name) for name in (LI, WANG, "nobody")] == ["E606"] * 3
        assert refusal(ledger, RIGHT, NOON + 61, name=WANG) == ""


def test_a_right_pin_in_between_does_not_help_to_guess_a_colleagues(ledger: Ledger) -> None:
    set_pin(ledger, WANG, RIGHT)
    set_pin(ledger, LI, RIGHT)
    for seconds in range(5):
        assert refusal(ledger, WRONG, NOON + seconds, name=LI) == "E605"
        assert refusal(ledger, RIGHT, NOON + seconds, name=WANG) == ("" if seconds < 4 else "E606")
    assert refusal(ledger, RIGHT, NOON + 65, name=LI) == ""
    assert refusal(ledger, WRONG, NOON + 66, name=LI) == "E605"
    assert refusal(ledger, RIGHT, NOON + 66, name=WANG) == ""


def test_names_that_nobody_has_are_forgotten_with_the_next_right_pin(ledger: Ledger) -> None:
    set_pin(ledger, LI, RIGHT)
    for name in "abcd":
        refusal(ledger, WRONG, NOON, name=name)
    assert refusal(ledger, RIGHT, NOON) == ""
    five_wrong(ledger, NOON)


def test_a_clock_that_was_wrong_and_is_set_right_locks_nobody_out_for_years(ledger: Ledger) -> None:
    five_wrong(ledger, NOON + 10 * 365 * 86400)
    assert refusal(ledger, RIGHT, NOON) == ""


def test_each_use_and_each_failure_is_an_audit_line_that_names_the_supervisor(ledger: Ledger) -> None:
    before = ledger.audit.head().seq
    refusal(ledger, WRONG)
    refusal(ledger, RIGHT)
    assert ledger.audit.head().seq == before + 4  # each try is counted, then said
    assert (
        details(ledger, "wrong supervisor PIN")
        == details(ledger, "supervisor")
        == [{"supervisor": LI, "purpose": "test"}]
    )


def test_a_badge_is_no_pin(ledger: Ledger) -> None:
    with pytest.raises(UsageError, match="badge"):
        set_pin(ledger, "Zhao", Secret("OP104217"))
    assert "Zhao" not in supervisors(ledger)


@pytest.mark.parametrize("label", ["5A:00:C0:FF:EE:01", "SN5A00C0FFEE01", "]C15A00C0FFEE01"])
def test_a_label_is_no_pin(ledger: Ledger, label: str) -> None:
    with pytest.raises(UsageError, match="label"):
        set_pin(ledger, "Zhao", Secret(label))
    assert "Zhao" not in supervisors(ledger)


def test_many_tries_at_once_are_no_more_than_one_after_the_other(ledger: Ledger, quick: list[Secret]) -> None:
    """Each process looks at the same moment: none may find that the others have not been counted yet."""
    with ThreadPoolExecutor(12) as pool:
        codes = list(pool.map(lambda _: refusal(ledger, WRONG), range(12)))
    assert sorted(codes) == ["E605"] * 5 + ["E606"] * 7
    assert len(quick) == 5


def test_a_try_is_counted_before_it_is_looked_at(ledger: Ledger, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        pass

    def killed(_pin: Secret, _salt: bytes) -> bytes:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(people, "_hash", killed)
        for _ in range(5):
            with pytest.raises(Killed):
                check_pin(ledger, WRONG, purpose="test", clock=NOON)
    assert refusal(ledger, WRONG) == "E606"


def test_a_right_one_makes_nobody_wait_for_a_colleagues_wrong_ones(ledger: Ledger, quick: list[Secret]) -> None:
    set_pin(ledger, LI, RIGHT)
    set_pin(ledger, WANG, Secret("135791"))
    for number in range(5):
        assert refusal(ledger, WRONG, name=WANG, at=NOON + number) == "E605"
    later = NOON + 100
    assert [refusal(ledger, RIGHT, name=LI, at=later + n) for n in range(3)] == ["", "", ""]
