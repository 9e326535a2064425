# SPDX-License-Identifier: GPL-3.0-or-later
"""One tree of errors. Each says what happened, what it means for the board in hand and what to do.

    StationError
    ├── UsageError            2   a flag, a file, a config or a profile is wrong; nothing was touched
    │   └── ConfigError
    ├── BoardFault            1   the board is to blame; counts against yield
    │   └── AnotherBoard          it was exchanged for another one
    ├── StationFault          3   port, disk, ledger: the board is not to blame
    │   ├── PortFault             lost, busy, missing, not permitted
    │   └── LedgerFault
    ├── CloudFault            4
    │   ├── CloudUnreachable
    │   ├── CloudRefused
    │   └── CloudGarbled          an answer we cannot or must not believe
    ├── NoCertificates        5
    ├── NeedsPerson           6   in doubt, locked
    │   └── OutcomeUnknown        sent to a cloud, and nobody knows whether it was carried out
    └── IntegrityAlarm        7   clone, broken chain, tampered row: stop everything

The class says where it went wrong, its code (`codes`) what follows: exit code, blame, what becomes of the board.
Texts carry no secret: they are printed, logged and shown.
"""

from __future__ import annotations

from collections.abc import Iterable

from station.codes import Code, Exit

_SERIOUSNESS = (
    Exit.OK,
    Exit.BOARD_FAILED,
    Exit.NO_CERTIFICATES,
    Exit.CLOUD,
    Exit.USAGE,
    Exit.STATION_FAULT,
    Exit.INTERRUPTED,
    Exit.PERSON_NEEDED,
    Exit.INTEGRITY,
)


def most_serious(codes: Iterable[Exit]) -> Exit:
    """The one exit code of a run with several outcomes; 7 first, OK when there are none."""
    return max(codes, key=_SERIOUSNESS.index, default=Exit.OK)


class StationError(Exception):
    """`what` happened, `means` for the board in hand, `do`: the next step for the person who reads it."""

    code: Code = Code.E300

    def __init__(self, what: str, *, do: str = "", means: str = "", code: Code | None = None) -> None:
        self.what = what.replace("\0", "\N{REPLACEMENT CHARACTER}")  # a board's words, and no server's text holds it
        super().__init__(self.what)
        self.do = do
        self.means = means
        if code is not None:
            self.code = code

    @property
    def exit(self) -> Exit:
        """What a command ends with because of it."""
        return self.code.exit

    def lines(self) -> str:
        """For a terminal: one line each for what, means and do."""
        parts = [f"{self.code} {self.what}"]
        parts += [f"  {label}: {text}" for label, text in (("means", self.means), ("do", self.do)) if text]
        return "\n".join(parts)


class UsageError(StationError):
    """A flag, a file, a config or a profile is wrong."""

    code = Code.E100


class ConfigError(UsageError):
    """What is set up is wrong, or not what was asked for."""

    code = Code.E110


class BoardFault(StationError):
    """At the board. Its code says whether the board is to blame, or a hand that put in another one."""

    code = Code.E200


class AnotherBoard(BoardFault):
    """E209: `uid` answers where the board that was identified should. `unsent`: it cannot have got a byte of what was
    to be written.
    """

    code = Code.E209

    def __init__(self, uid: str, what: str, *, unsent: bool, do: str = "", means: str = "") -> None:
        super().__init__(what, do=do, means=means)
        self.uid = uid
        self.unsent = unsent


class StationFault(StationError):
    """The station's own trouble."""

    code = Code.E300


def place_of(error: BaseException) -> str:
    """Kind and place of a defect. Never its text, which may quote what was to be written."""
    import traceback  # noqa: PLC0415 - with pathlib a tenth of `station --version`, and errors are few
    from pathlib import Path  # noqa: PLC0415

    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "")


def defect(error: BaseException) -> StationFault:
    """An exception that nobody foresaw, as E399."""
    return StationFault(f"defect: {place_of(error)}", do="report this", code=Code.E399)


class PortFault(StationFault):
    """Lost, busy, missing, not permitted."""

    code = Code.E310


class LedgerFault(StationFault):
    code = Code.E320


class CloudFault(StationError):
    """What a cloud did not do, or is not believed."""

    code = Code.E400


class CloudUnreachable(CloudFault):
    code = Code.E401


class CloudRefused(CloudFault):
    code = Code.E402


class CloudGarbled(CloudFault):
    code = Code.E403


class NoCertificates(StationError):
    code = Code.E500


class NeedsPerson(StationError):
    """Nothing goes on before somebody has looked or decided."""

    code = Code.E600


class TooSoon(NeedsPerson):
    """E606: nothing is looked at for `wait_s` seconds."""

    code = Code.E606

    def __init__(self, what: str, *, wait_s: float) -> None:
        super().__init__(what, do=f"wait {wait_s:.0f} s")
        self.wait_s = wait_s


class OutcomeUnknown(NeedsPerson):
    """E604. `raw`: the beginning of an answer that nobody could understand, without secrets; "" when none came."""

    code = Code.E604

    def __init__(self, what: str, *, do: str, means: str, raw: str = "") -> None:
        super().__init__(what, do=do, means=means)
        self.raw = raw


class IntegrityAlarm(StationError):
    """What must never be: a clone, a ledger that was tampered with or set back."""

    code = Code.E700
