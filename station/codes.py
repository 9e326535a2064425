# SPDX-License-Identifier: GPL-3.0-or-later
"""The one table of error codes: what each of them says of a run, of the board in hand and of its numbers.

Whoever has to decide something by an error asks its code here; nobody reads its text. A code is its own number as text
("E204"), so that ledgers, JSON and screens hold it as it is. What it means in words is in `words/`, a table a language.

E1xx usage and set-up · E2xx board · E3xx station · E4xx cloud · E5xx stock · E6xx a person · E7xx alarm
"""

from __future__ import annotations

from enum import Flag, IntEnum, StrEnum, auto


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


class Blame(StrEnum):
    """Whose fault it is; only the board's counts against yield."""

    BOARD = "board"
    STATION = "station"  # port, disk, set-up, program
    CLOUD = "cloud"
    OPERATOR = "operator"  # a hand, a label, what was typed
    NOBODY = "nobody"


class Then(Flag):
    """What follows from a code beside its exit."""

    NOTHING = 0
    RED_BIN = auto()  # ending a write: the board failed by itself, is kept in the red bin, its identity married to it
    WRITE_AGAIN = auto()  # the same board is worth another write in the same visit
    ANOTHER = auto()  # a port that came during the visit is a board of its own, not the same one after its reset
    KEEPS_BOTH = auto()  # ending a write: two boards may have a part of it; a person comes before it is put back
    SET_ASIDE = auto()  # as an alarm: the board that raised it is kept apart, and no unlock begins it again
    WAITED_OUT = auto()  # the board stays in its slot, and goes on by itself when what is missing is back
    RECOVERY = auto()  # as a lock: only a recovery ends it, no unlock


_BOARD = Exit.BOARD_FAILED, Blame.BOARD
_HAND = Exit.PERSON_NEEDED, Blame.OPERATOR
_GIVEN = Exit.USAGE, Blame.OPERATOR
_SET_UP = Exit.USAGE, Blame.STATION
_STATION = Exit.STATION_FAULT, Blame.STATION
_CLOUD = Exit.CLOUD, Blame.CLOUD
_PERSON = Exit.PERSON_NEEDED, Blame.NOBODY
_ALARM = Exit.INTEGRITY, Blame.NOBODY
_TAMPERED = Exit.INTEGRITY, Blame.STATION


class Code(StrEnum):
    """`exit` of a command that ends with it; `blame`; `then`: what follows for the board."""

    exit: Exit
    blame: Blame
    then: Then

    def __new__(cls, number: str, kind: tuple[Exit, Blame], then: Then = Then.NOTHING) -> Code:
        member = str.__new__(cls, number)
        member._value_ = number
        member.exit, member.blame = kind
        member.then = then
        return member

    E100 = "E100", _GIVEN
    E110 = "E110", _SET_UP
    E111 = "E111", _SET_UP  # no such profile
    E112 = "E112", _SET_UP  # profile
    E113 = "E113", _SET_UP  # setting
    E114 = "E114", _SET_UP  # key or secret file
    E115 = "E115", _SET_UP  # ledger, slot, port
    E116 = "E116", _GIVEN  # not in the ledger, or not so
    E117 = "E117", _GIVEN  # a supervisor's name or PIN
    E118 = "E118", _SET_UP  # an extra is missing
    E119 = "E119", _SET_UP  # a newer station's ledger
    E120 = "E120", _GIVEN  # product file
    E121 = "E121", _GIVEN  # say what to do
    E122 = "E122", _GIVEN  # file to import
    E123 = "E123", _GIVEN  # registration unfinished
    E124 = "E124", _GIVEN  # not a badge
    E125 = "E125", _GIVEN  # not a board's label
    E126 = "E126", _GIVEN  # no backup
    E127 = "E127", _GIVEN  # not a serial number
    E128 = "E128", _GIVEN  # a short passphrase

    E200 = "E200", _BOARD
    E201 = "E201", _BOARD  # no answer
    E202 = "E202", _BOARD  # wrong chip, product or partition
    E203 = "E203", _BOARD, Then.RED_BIN | Then.WRITE_AGAIN  # write refused or failed
    E204 = "E204", _BOARD, Then.RED_BIN | Then.WRITE_AGAIN  # readback differs
    E205 = "E205", _BOARD, Then.RED_BIN  # identity does not fit
    E206 = "E206", _BOARD  # carries an unknown identity
    E207 = "E207", _BOARD, Then.RED_BIN  # locked board
    E208 = "E208", _BOARD, Then.RED_BIN | Then.WRITE_AGAIN  # garbled answers
    E209 = "E209", _HAND, Then.ANOTHER | Then.KEEPS_BOTH  # board changed during the attempt
    E210 = "E210", _PERSON  # same board in two slots
    E211 = "E211", _BOARD  # written, cannot be read back
    E212 = "E212", _HAND  # label and board differ
    E213 = "E213", _BOARD  # done, and no longer there
    E214 = "E214", _HAND  # not the board in doubt
    E215 = "E215", _BOARD, Then.RED_BIN  # neighbours spoilt
    E216 = "E216", _BOARD, Then.RED_BIN  # does not lock
    E217 = "E217", _HAND  # serial number and board differ
    E218 = "E218", _PERSON  # the factory's system refuses the board

    E300 = "E300", _STATION
    E301 = "E301", _STATION  # the station stopped while writing
    E310 = "E310", _STATION  # port
    E311 = "E311", (Exit.STATION_FAULT, Blame.NOBODY), Then.ANOTHER  # port lost: a cable, or a board pulled out
    E312 = "E312", _STATION  # port busy
    E313 = "E313", _STATION  # port missing
    E314 = "E314", _STATION  # port not permitted
    E315 = "E315", _STATION  # scanner not connected
    E316 = "E316", _STATION  # an output of the andon does not take its lines
    E317 = "E317", _STATION, Then.WAITED_OUT  # label printer; where the profile needs its labels
    E318 = "E318", _STATION  # a receiver of the outbox takes no events
    E319 = "E319", _STATION  # the factory's system does not say whether a board may begin
    E320 = "E320", _STATION  # ledger
    E321 = "E321", _STATION  # the disk or the server does not write safely
    E322 = "E322", _STATION  # ledger file damaged
    E323 = "E323", _STATION  # another process moved it
    E324 = "E324", _STATION  # secret destroyed already
    E325 = "E325", _STATION  # evidence does not hold
    E326 = "E326", _STATION  # second key for one board
    E327 = "E327", _STATION  # an index of the ledger is damaged
    E328 = "E328", _STATION  # no witness can be written
    E329 = "E329", _STATION, Then.WAITED_OUT  # the line's server cannot be reached
    E330 = "E330", _STATION  # interrupted
    E331 = "E331", _STATION  # the run ended early
    E332 = "E332", _STATION  # the log cannot be written
    E333 = "E333", _STATION  # an older ledger stays as it was
    E399 = "E399", _STATION  # a defect of the station

    E400 = "E400", _CLOUD
    E401 = "E401", _CLOUD  # unreachable
    E402 = "E402", _CLOUD  # refused
    E403 = "E403", _CLOUD  # not to be believed
    E404 = "E404", _CLOUD  # batch not ready
    E405 = "E405", _CLOUD  # batch not complete

    E500 = "E500", (Exit.NO_CERTIFICATES, Blame.NOBODY)

    E600 = "E600", _PERSON
    E601 = "E601", _PERSON  # in doubt
    E602 = "E602", _PERSON  # slot locked by failures
    E603 = "E603", _PERSON  # station locked by failures
    E604 = "E604", _PERSON  # outcome unknown in the cloud
    E605 = "E605", _PERSON  # wrong PIN
    E606 = "E606", _PERSON  # too many wrong PINs
    E607 = "E607", _PERSON  # no PIN
    E608 = "E608", _PERSON  # locked by a supervisor
    E609 = "E609", _PERSON  # a slot is busy
    E610 = "E610", _PERSON  # which supervisor
    E611 = "E611", _PERSON  # held by a supervisor
    E612 = "E612", _PERSON  # no longer in doubt, still in its slot
    E613 = "E613", _PERSON  # a done board whose storage cannot be made out
    E614 = "E614", _PERSON  # only a recovery ends this lock
    E615 = "E615", _PERSON  # withheld by a recovery
    E616 = "E616", _PERSON  # a witness gave the board an identity that is not here
    E617 = "E617", _PERSON  # withheld: the cloud says that it is in use
    E618 = "E618", _PERSON  # withheld: the cloud does not say whether it is in use
    E619 = "E619", _PERSON  # two sources disagree about an identity
    E620 = "E620", _PERSON  # never comes back
    E621 = "E621", _PERSON  # the cloud was not asked
    E622 = "E622", _PERSON  # the board whose alarm was lifted is still in its slot
    E630 = "E630", _PERSON  # another board may hold a part of it
    E631 = "E631", _PERSON  # a blank board under the label of one in doubt
    E632 = "E632", _PERSON  # a receiver refused an event
    E633 = "E633", _PERSON  # the label of a done board, on one that does not show it
    E635 = "E635", _PERSON  # one board with two identities
    E640 = "E640", _PERSON  # the work order has its boards
    E641 = "E641", _PERSON  # a printed label was not scanned back
    E642 = "E642", _PERSON  # the station is ending, no board is begun

    E700 = "E700", _ALARM
    E701 = "E701", _ALARM, Then.SET_ASIDE  # clone
    E702 = "E702", _TAMPERED, Then.RECOVERY  # audit chain broken, ledger set back or copied
    E703 = "E703", _TAMPERED  # sealed secret does not open
    E704 = "E704", _TAMPERED  # ledger breaks its own rule
    E705 = "E705", _ALARM, Then.SET_ASIDE  # identity found that was never sent
    E706 = "E706", _ALARM  # in use in the cloud, and never on a board of ours
    E707 = "E707", _ALARM  # a report was altered

    @classmethod
    def of(cls, text: str | None) -> Code | None:
        """What a ledger holds as text; None for what is no code of this version."""
        return cls._value2member_map_.get(text)  # type: ignore[return-value]

    @property
    def counts_in_yield(self) -> bool:
        """Whether a visit that ends with it says something of the board."""
        return self.blame is Blame.BOARD

    @property
    def is_alarm(self) -> bool:
        return self.exit is Exit.INTEGRITY

    @property
    def lacks_stock(self) -> bool:
        """Whether a board waits for certificates alone."""
        return self.exit is Exit.NO_CERTIFICATES


def coded(code: Code | None, text: str) -> str:
    """As a line for programs and for the log: the code before the text, where there is one."""
    return f"{code} {text}" if code else text
