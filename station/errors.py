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

Codes: E1xx usage, E2xx board, E3xx station, E4xx cloud, E5xx stock, E6xx person, E7xx alarm.
Texts carry no secret: they are printed, logged and shown.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from enum import IntEnum
from pathlib import Path


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    BOARD_FAILED = 1
    USAGE = 2
    STATION_FAULT = 3
    CLOUD = 4
    NO_CERTIFICATES = 5
    PERSON_NEEDED = 6
    INTEGRITY = 7
    INTERRUPTED = 130


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

    exit: Exit = Exit.STATION_FAULT
    code: str = "E300"

    def __init__(self, what: str, *, do: str = "", means: str = "", code: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.do = do
        self.means = means
        if code:
            self.code = code

    def lines(self) -> str:
        """For a terminal: one line each for what, means and do."""
        parts = [f"{self.code} {self.what}"]
        parts += [f"  {label}: {text}" for label, text in (("means", self.means), ("do", self.do)) if text]
        return "\n".join(parts)


class UsageError(StationError):
    """E117 a supervisor's name or PIN · E120 product file · E121 say what to do · E122 file to import ·
    E123 registration unfinished · E124 not a badge · E125 not a board's label · E126 no backup
    """

    exit = Exit.USAGE
    code = "E100"


class ConfigError(UsageError):
    """E111 no such profile · E112 profile · E113 setting · E114 key or secret file · E115 ledger, slot, port ·
    E116 not in the ledger · E117 name or PIN · E118 an extra is missing ·
    E119 a newer station's ledger
    """

    code = "E110"


class BoardFault(StationError):
    """E201 no answer · E202 wrong chip, product or partition · E203 write refused or failed · E204 readback differs ·
    E205 identity does not fit · E206 carries an unknown identity · E207 locked board · E208 garbled answers ·
    E209 board changed during the attempt · E210 same board in two slots · E211 written, cannot be read back ·
    E212 label and board differ · E213 done, and no longer there · E214 not the board in doubt · E215 neighbours spoilt
    E216 does not lock
    """

    exit = Exit.BOARD_FAILED
    code = "E200"


class AnotherBoard(BoardFault):
    """E209: `uid` answers where the board that was identified should. `unsent`: it cannot have got a byte of what was
    to be written.
    """

    code = "E209"

    def __init__(self, uid: str, what: str, *, unsent: bool, do: str = "", means: str = "") -> None:
        super().__init__(what, do=do, means=means)
        self.uid = uid
        self.unsent = unsent


class StationFault(StationError):
    """E330 interrupted · E331 the run ended early · E399 a defect of the station"""

    exit = Exit.STATION_FAULT
    code = "E300"


def place_of(error: BaseException) -> str:
    """Kind and place of a defect. Never its text, which may quote what was to be written."""
    frames = traceback.extract_tb(error.__traceback__)
    return type(error).__name__ + (f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "")


def defect(error: BaseException) -> StationFault:
    """An exception that nobody foresaw, as E399."""
    return StationFault(f"defect: {place_of(error)}", do="report this", code="E399")


class PortFault(StationFault):
    """E311 lost · E312 busy · E313 missing · E314 not permitted"""

    code = "E310"


class LedgerFault(StationFault):
    code = "E320"


class CloudFault(StationError):
    """E401 unreachable · E402 refused · E403 not to be believed · E404 batch not ready · E405 batch not complete"""

    exit = Exit.CLOUD
    code = "E400"


class CloudUnreachable(CloudFault):
    code = "E401"


class CloudRefused(CloudFault):
    code = "E402"


class CloudGarbled(CloudFault):
    code = "E403"


class NoCertificates(StationError):
    exit = Exit.NO_CERTIFICATES
    code = "E500"


class NeedsPerson(StationError):
    """E601 in doubt · E602 slot locked by failures · E603 station locked by failures · E604 outcome unknown in the
    cloud · E605 wrong PIN · E606 too many wrong PINs · E607 no PIN · E608 locked by a supervisor · E609 a slot is
    busy · E610 which supervisor · E611 held by a supervisor · E612 no longer in doubt, still in its slot ·
    E613 a done board whose storage cannot be made out · E614 only a recovery ends this lock ·
    E616 a witness gave the board an identity that is not here ·
    E619 two sources disagree about an identity · E620 never comes back · E621 the cloud was not asked ·
    E630 another board may hold a part of it · E631 a blank board under the label of one in doubt ·
    E635 one board with two identities
    """

    exit = Exit.PERSON_NEEDED
    code = "E600"


class OutcomeUnknown(NeedsPerson):
    """E604. `raw`: the beginning of an answer that nobody could understand, without secrets; "" when none came."""

    code = "E604"

    def __init__(self, what: str, *, do: str, means: str, raw: str = "") -> None:
        super().__init__(what, do=do, means=means)
        self.raw = raw


class IntegrityAlarm(StationError):
    """E701 clone · E702 audit chain broken, ledger set back or copied · E703 sealed secret does not open · E704 ledger
    breaks its own rule
    """

    exit = Exit.INTEGRITY
    code = "E700"
