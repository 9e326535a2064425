# SPDX-License-Identifier: GPL-3.0-or-later
"""What every target promises, as tests: the board is looked into, never asked, for what it holds.

Needs pytest and its `tmp_path`. Each test begins with a blank board, on a port of its own.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import ClassVar, Protocol, TypeVar

from station.codes import Code
from station.errors import BoardFault, ConfigError, StationError
from station.flow.flow import flash
from station.flow.visit import Job, Visit
from station.ledger.store import Ledger
from station.ledger.values import BatchKey
from station.model import Certificate, CertName, Holding, Identity, Port, Secret, State, Verdict
from station.profiles.profile import Profile, parse_profile
from station.rules import Outcome
from station.secrets.vault import Vault
from station.targets.base import Session, Target, no_progress

Fault = TypeVar("Fault", bound=BaseException)


class Socket(Protocol):
    """A simulated board in a socket, plugged in when it is made. It must share no code with the target."""

    url: str
    """Its port: a device path or a pyserial URL."""

    def stored(self) -> Certificate | None:
        """What its storage holds, read past its protocol; None when it is blank."""

    def unplug(self) -> None:
        """Also at the end of each test."""


class TargetConformance:
    """Inherit, name the class Test…, and set these."""

    target: ClassVar[Target]
    table: ClassVar[Mapping[str, object]]
    """A profile as TOML would give it, that flashes one product, without a label."""

    def plug(self, folder: Path, number: int) -> Socket:
        """The board `number`, blank, with a uid of its own; `folder` is the test's."""
        raise NotImplementedError

    def certificate(self, number: int) -> Certificate:
        """One that such boards can hold."""
        key = str(self.profile().products[0])
        secret = Secret(f"{number:02d}" + "0123456789abcdef0123456789abcd")
        extra = Secret(f"{number:02d}productsecret") if self.profile().product_secret else None
        name = f"camera{number:04d}"
        return Certificate(
            provider=self.profile().provider,
            product_key=key,
            device_name=name,
            device_secret=secret,
            product_secret=extra,
        )

    def profile(self) -> Profile:
        return parse_profile(self.table, lambda _name, table: self.target.check_options(table), source="the test's")

    def test_a_key_that_it_does_not_know_is_a_config_error(self) -> None:
        _require_raises(ConfigError, lambda: self.target.check_options({"no key of any target": 1}))

    def test_looking_at_a_blank_board_writes_nothing(self, tmp_path: Path) -> None:
        with _Bench(self, tmp_path) as bench, bench.session() as session:
            board = session.identify()
            assert board.holding is Holding.BLANK
            session.require_room(bench.identity)
            session.board_key(None)
            assert session.read_back(bench.identity, no_progress).verdict is not Verdict.EQUAL
            assert session.identify().uid == board.uid
            assert bench.board.stored() is None

    def test_what_is_written_is_on_the_board_and_is_proved_after_a_restart(self, tmp_path: Path) -> None:
        with _Bench(self, tmp_path) as bench, bench.session() as session:
            before = session.identify()
            session.board_key(None)
            session.write(bench.identity, no_progress)
            first = session.read_back(bench.identity, no_progress)
            session.restart()
            again = session.read_back(bench.identity, no_progress)
            after = session.identify()
            assert bench.board.stored() == self.certificate(1)
            for read in (first, again):
                assert (read.verdict, read.digest) == (Verdict.EQUAL, bench.identity.digest())
            assert (after.uid, after.holding) == (before.uid, Holding.IDENTITY)
            assert after.digest in (None, bench.identity.digest())

    def test_another_identity_is_never_called_equal(self, tmp_path: Path) -> None:
        other = Identity(primary=self.certificate(2))
        with _Bench(self, tmp_path) as bench, bench.session() as session:
            session.identify()
            session.board_key(None)
            session.write(bench.identity, no_progress)
            assert session.read_back(other, no_progress).verdict is not Verdict.EQUAL

    def test_what_does_not_fit_is_refused_before_a_byte_leaves(self, tmp_path: Path) -> None:
        small = self.certificate(1)
        large = Identity(
            primary=Certificate(
                product_key=small.product_key,
                device_name=small.device_name,
                device_secret=Secret("s" * 100_000),
                product_secret=small.product_secret,
            )
        )
        with _Bench(self, tmp_path) as bench, bench.session() as session:
            session.identify()
            fault = _require_raises(BoardFault, lambda: session.require_room(large))
            assert fault.code == Code.E205
            assert bench.board.stored() is None

    def test_progress_that_raises_stops_the_write_and_is_passed_on(self, tmp_path: Path) -> None:
        def stop(_fraction: float) -> None:
            raise _StoppedError

        with _Bench(self, tmp_path) as bench, bench.session() as session:
            session.identify()
            session.board_key(None)
            _require_raises(_StoppedError, lambda: session.write(bench.identity, stop))

    def test_a_board_that_is_gone_is_a_fault_and_no_defect(self, tmp_path: Path) -> None:
        with _Bench(self, tmp_path) as bench:
            bench.board.unplug()
            _require_raises(StationError, lambda: _look(self.target.open(bench.port, self.profile())))

    def test_from_blank_to_pass_and_then_already_done(self, tmp_path: Path) -> None:
        with _Bench(self, tmp_path) as bench:
            first, again = bench.flash(), bench.flash()
            assert [first.outcome, again.outcome] == [Outcome.PASS, Outcome.ALREADY_DONE], (first.error, again.error)
            assert bench.board.stored() == self.certificate(1)
            assert bench.state(1) is State.CONSUMED

    def test_two_boards_get_an_identity_each(self, tmp_path: Path) -> None:
        with _Bench(self, tmp_path) as bench:
            assert bench.flash().outcome is Outcome.PASS
            bench.exchange(2)
            assert bench.flash().outcome is Outcome.PASS
            assert bench.board.stored() == self.certificate(2)

    def test_a_board_that_another_one_replaces_in_mid_write_is_found_out(self, tmp_path: Path) -> None:
        """Two boards behind one port, in turn: what is begun on one is never called done on the other."""
        with _Bench(self, tmp_path) as bench:
            visit = bench.flash(before_write=lambda: bench.exchange(2))
            assert visit.outcome not in (Outcome.PASS, Outcome.ALREADY_DONE)
            assert bench.state(1) is not State.CONSUMED


class _StoppedError(Exception):
    """Of the test's own progress."""


class _Bench:
    """A ledger with two certificates, and one board."""

    def __init__(self, kind: TargetConformance, folder: Path) -> None:
        self.kind, self.folder = kind, folder
        self.identity = Identity(primary=kind.certificate(1))
        self.ledger = Ledger(folder / "ledger.db", Vault(secrets.token_bytes(32)))
        key = BatchKey(provider=kind.profile().provider, batch_id="1", product_key=self.identity.name.product_key)
        self.ledger.receive(key, [Identity(primary=kind.certificate(number)) for number in (1, 2)])
        self.board = kind.plug(folder, 1)
        self.port = Port(url=self.board.url, slot="1")

    def __enter__(self) -> _Bench:
        return self

    def __exit__(self, *_: object) -> None:
        self.board.unplug()
        self.ledger.close()

    def session(self) -> closing[Session]:
        return closing(self.kind.target.open(self.port, self.kind.profile()))

    def exchange(self, number: int) -> None:
        self.board.unplug()
        self.board = self.kind.plug(self.folder, number)
        self.port = Port(url=self.board.url, slot="1")

    def flash(self, before_write: Callable[[], None] = lambda: None) -> Visit:
        due = [before_write]

        def tell(visit: Visit) -> None:
            if visit.married and due:
                due.pop()()

        job = Job(ledger=self.ledger, target=self.kind.target, profile=self.kind.profile(), tell=tell)
        return flash(job, self.port)

    def state(self, number: int) -> State:
        certificate = self.kind.certificate(number)
        known = self.ledger.named(CertName(certificate.product_key, certificate.device_name))
        assert known is not None
        return known.state


def _look(session: Session) -> None:
    with closing(session):
        session.identify()


def _require_raises(kind: type[Fault], act: Callable[[], object]) -> Fault:
    try:
        act()
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")
