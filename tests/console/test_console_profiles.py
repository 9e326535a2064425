# SPDX-License-Identifier: GPL-3.0-or-later
"""Every shipped profile against a board written from the vendor's documents: write, restart, read back, look inside."""

from collections.abc import Callable

import pytest

from station.model import CertName, Holding, Method, Secret, Verdict
from station.profiles import shipped
from station.simulate.console import DIALECTS, ConsoleBoard, read_identity
from station.targets.base import no_progress
from station.targets.console.target import ConsoleSession
from tests.console.console_bench import LABEL, UIDS, a_profile, an_identity

Plug = Callable[..., ConsoleBoard]
Talk = Callable[..., ConsoleSession]

CONSOLES = [name for name in shipped.shipped_names() if shipped.table_of(name)["target"] == "console"]
every_profile = pytest.mark.parametrize("name", CONSOLES)


def test_each_shipped_profile_has_a_board_that_tests_it() -> None:
    assert set(CONSOLES) == set(DIALECTS)


@every_profile
def test_what_was_written_is_on_the_board_after_a_restart(name: str, plug: Plug, talk: Talk) -> None:
    board, profile = plug(name), a_profile(name)
    identity = an_identity(profile)
    session = talk(profile)
    before = session.identify()
    assert before.holding is Holding.BLANK
    assert before.names == ()
    assert before.uid == (LABEL.lower() if profile.scan_label else UIDS.get(name, board.uid))

    session.require_room(identity)
    told: list[float] = []
    session.write(identity, told.append)
    boots = board.boots
    session.restart()
    assert board.boots == boots + 1
    found = session.read_back(identity, no_progress)

    assert found.verdict is Verdict.EQUAL
    assert found.digest == identity.digest()
    assert found.method is (Method.SHA256 if name == "nordic-cmng" else Method.READBACK)
    after = session.identify()
    assert after.uid == before.uid
    assert after.holding is Holding.IDENTITY
    assert after.names == (CertName("a1B2c3D4e5F", "cam-0001"),)
    assert told == sorted(told) and told[-1] == 1.0
    (stored,) = read_identity(board.store, name) or []
    assert stored == identity.primary


@every_profile
def test_a_board_that_stores_another_secret_is_caught(name: str, plug: Plug, talk: Talk) -> None:
    profile = a_profile(name)
    plug(name, changes="psk" if name == "nordic-cmng" else "deviceSecret")
    session = talk(profile)
    session.write(an_identity(profile), no_progress)
    found = session.read_back(an_identity(profile), no_progress)
    assert found.verdict is Verdict.DIFFERS
    assert found.digest != an_identity(profile).digest()
    assert "deviceSecret" in found.detail
    assert "0123" not in found.detail


@every_profile
def test_a_board_that_forgets_is_caught_by_the_restart(name: str, plug: Plug, talk: Talk) -> None:
    profile = a_profile(name)
    plug(name, forgets=True)
    session = talk(profile)
    session.write(an_identity(profile), no_progress)
    assert session.read_back(an_identity(profile), no_progress).verdict is Verdict.EQUAL
    session.restart()
    assert session.read_back(an_identity(profile), no_progress).verdict is Verdict.BLANK


@every_profile
def test_log_lines_garbage_and_half_answers_are_survived(name: str, plug: Plug, talk: Talk) -> None:
    board = plug(name, log_lines=0.4, garbage=0.3, half_answers=True, wrong_echo=0.02, log_inside=0.05)
    profile = a_profile(name)
    identity = an_identity(profile)
    session = talk(profile)
    assert session.identify().holding is Holding.BLANK
    session.write(identity, no_progress)
    session.restart()
    assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
    assert read_identity(board.store, name) == [identity.primary]


@pytest.mark.parametrize("name", [n for n in CONSOLES if len(a_profile(n).options["write"]) > 1])  # type: ignore[arg-type]
def test_an_interrupted_write_is_seen_and_completed(name: str, plug: Plug, talk: Talk) -> None:
    profile = a_profile(name)
    plug(name)
    session = talk(profile)

    def stop(fraction: float) -> None:
        if fraction > 0:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.write(an_identity(profile), stop)
    assert session.identify().holding is Holding.TORN
    session.write(an_identity(profile), no_progress)
    assert session.read_back(an_identity(profile), no_progress).verdict is Verdict.EQUAL


@every_profile
def test_another_identity_on_the_board_is_told_by_name(name: str, plug: Plug, talk: Talk) -> None:
    profile = a_profile(name)
    plug(name)
    session = talk(profile)
    other = an_identity(profile, device_name="cam-0002", secret="f" * 32)
    session.write(other, no_progress)
    assert session.identify().names == (other.name,)
    assert session.read_back(an_identity(profile), no_progress).verdict is Verdict.DIFFERS


@every_profile
def test_a_done_board_is_compared_without_its_secret(name: str, plug: Plug, talk: Talk) -> None:
    profile = a_profile(name)
    plug(name)
    session = talk(profile)
    assert session.read_back(None, no_progress).verdict is Verdict.BLANK
    session.write(an_identity(profile), no_progress)
    found = session.read_back(None, no_progress)
    assert found.verdict is Verdict.UNVERIFIABLE
    assert found.digest == (None if name == "nordic-cmng" else an_identity(profile).digest())


@every_profile
def test_the_longest_values_the_profile_promises_fit_on_the_board(name: str, plug: Plug, talk: Talk) -> None:
    profile = a_profile(name)
    limit: dict[str, int] = profile.options["max_length"]  # type: ignore[assignment]
    budget = int(profile.options["max_line"]) // (4 if profile.product_secret else 1)  # type: ignore[call-overload]
    identity = an_identity(
        profile,
        product_key="P" * min(limit["productKey"], budget),
        device_name="d" * min(limit["deviceName"], budget - 8),
        secret="5" * min(limit["deviceSecret"], budget),
        product_secret="7" * min(limit.get("productSecret", 0), budget),
    )
    board = plug(name)
    session = talk(profile)
    session.require_room(identity)
    session.write(identity, no_progress)
    assert session.read_back(identity, no_progress).verdict is Verdict.EQUAL
    (stored,) = read_identity(board.store, name) or []
    assert stored.device_secret == Secret(identity.primary.device_secret.reveal())
