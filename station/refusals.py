# SPDX-License-Identifier: GPL-3.0-or-later
"""Why a board is turned away, in words: what happened, what it means for its identity, what to do. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from station.codes import Code
from station.errors import AnotherBoard, BoardFault, IntegrityAlarm, NeedsPerson, StationError
from station.label import NotALabel, board_on
from station.model import BoardInfo, BoardUid, Holding, Identity
from station.profiles.profile import Profile
from station.rules import Known, Plan, Stranger

_FREED = "nothing on its serial line frees it: for rework its flash is erased with a programmer"
_UNTOUCHED = "nothing was reserved or written"
_KEEP_BOTH = "keep both boards apart and call the supervisor: station stranger list"


def of_board(profile: Profile, board: BoardInfo, label: str | None) -> BoardFault | None:
    """A board that is not meant for this profile, or not the one whose label was scanned; None when it is right."""
    if profile.chips and board.chip not in profile.chips:
        return BoardFault(
            f"this is a {board.chip}; profile {profile.name} takes {', '.join(profile.chips)}",
            means=_UNTOUCHED,
            do="take the right board, or choose the right profile: station profile list",
            code=Code.E202,
        )
    if profile.scan_label and (label is None or not _label_fits(label, profile, board)):
        return BoardFault(
            f"the label {label} is not that of board {board.uid}" if label else "no label was scanned",
            means=_UNTOUCHED,
            do="scan the label of the board in this slot",
            code=Code.E212,
        )
    return None


def label_of_another(device: str) -> BoardFault:
    """After it was printed."""
    return BoardFault(
        f"what was scanned is not the label of {device}",
        means="the board itself is done; a label on the wrong board is not",
        do="scan the label that is on the board just done; a torn one: station label print --reason",
        code=Code.E212,
    )


def no_serial(uid: BoardUid) -> BoardFault:
    return BoardFault(
        f"board {uid} has no serial number, and none was scanned",
        means=_UNTOUCHED,
        do="scan the serial number on this board",
        code=Code.E217,
    )


def of_serial(uid: BoardUid, scanned: str, has: str, whose: BoardUid) -> BoardFault:
    """`whose` has serial number `has`: the scanned one is another board's, or this board has another one."""
    other = f"serial number {scanned} is that of board {whose}"
    return BoardFault(
        other if whose != uid else f"board {uid} has serial number {has}, not {scanned}",
        means=_UNTOUCHED,
        do="scan the serial number on this board; was one tied wrongly, a supervisor: station serial correct",
        code=Code.E217,
    )


def of_product(profile: Profile, board: BoardInfo, mine: Known) -> BoardFault | None:
    """A board that has, or was being given, an identity of a product that is not this profile's; None otherwise. In
    this profile's layout it would be read wrong, and its identity written wrong."""
    if mine.name.product_key in profile.products:
        return None
    return BoardFault(
        f"board {board.uid} is of another product: it has {mine.name}; profile {profile.name} is for"
        f" {', '.join(profile.products)}",
        means="nothing was written; its identity stays married to it",
        do="take the right board, or choose the right profile: station profile list",
        code=Code.E202,
    )


_SET_ASIDE = (
    "set it aside; another station's good boards look the same: find out there whose it is; after a recovery bring in "
    "the batches it lost, then put the board in again"
)


def of_missing_secret(profile: Profile, identity: Identity, *, in_doubt: bool) -> NeedsPerson | None:
    """This board's own identity came without the productSecret that the profile writes; None when it is whole. It may
    still be given it; what is in doubt was perhaps begun without."""
    if not profile.product_secret or all(one.product_secret for one in identity):
        return None
    return NeedsPerson(
        f"profile {profile.name} writes productSecret; {identity.name}, for this board, came without",
        means="nothing was written; its identity stays married to it" if in_doubt else "nothing was written",
        do="bring its batch in once more, with productSecret, or take the profile that began it; then put it back in"
        if in_doubt
        else "bring its batch in once more, with productSecret, then put the board in again",
        code=Code.E600,
    )


def of_plan(plan: Plan, board: BoardInfo, mine: Known | None, carried: Known | None) -> StationError:
    """For every plan that does not work on the board."""
    name = carried.name if carried else (board.names[0] if board.names else None)
    if plan is Plan.BUSY_ELSEWHERE:
        return in_two_slots(board.uid, "another slot or station")
    if plan is Plan.CLONE and carried is not None:
        return IntegrityAlarm(
            f"clone: board {board.uid} carries {name}, which belongs to board {carried.board_uid}",
            means="two boards hold one identity",
            do="stop the line, keep both boards, call the production engineer",
            code=Code.E701,
        )
    if plan is Plan.FOUND_UNSENT:
        return IntegrityAlarm(
            f"board {board.uid} carries {name}, which this ledger never sent to a board",
            means="the certificate is out already; unless a slot has just taken it, it is withheld from now on",
            do="stop the line: the ledger may be an old backup, or another station flashes the same batch",
            code=Code.E705,
        )
    if mine is not None and plan in (Plan.UNCLEAR, *_OF_DONE):
        return unclear(mine, board.details.get("torn", "")) if plan is Plan.UNCLEAR else _OF_DONE[plan](mine)
    if plan in (Plan.FORETOLD, Plan.REFUSE_LOCKED):
        return foretold(board.uid) if plan is Plan.FORETOLD else locked(board.uid)
    torn = board.holding is Holding.TORN
    first = "let the board start once, and put it in again; if it says the same then: " if torn else ""
    return BoardFault(
        f"board {board.uid} carries {name or 'something'} that this ledger does not know",
        means="nothing was written",
        do=f"{first}{_SET_ASIDE}",
        code=Code.E206,
    )


def in_two_slots(uid: BoardUid, other: str) -> BoardFault:
    return BoardFault(
        f"board {uid} is in {other} as well",
        means="nothing was written from this slot",
        do="remove this board; two boards with one uid are a defect of the boards",
        code=Code.E210,
    )


def not_in_doubt(uid: BoardUid) -> BoardFault:
    return BoardFault(
        f"board {uid} is not in doubt: this ledger does not know it",
        means=_UNTOUCHED,
        do="put in the board that is in doubt: station resolve",
        code=Code.E214,
    )


def changed(mine: Known) -> BoardFault:
    return BoardFault(
        f"this board was flashed with {mine.name} and no longer carries it",
        means="its identity stays married to it; its secret is destroyed here",
        do=f"red bin; for rework a supervisor retires it: station retire {mine.name} --reason …",
        code=Code.E213,
    )


def of_another_profile(mine: Known, by: str, profile: str) -> BoardFault:
    """Not E213: a good board looks like this where the identity is sought in another place, or another form."""
    return BoardFault(
        f"this board was flashed with {mine.name} by profile {by}; profile {profile} does not find it",
        means="nothing was written; its identity stays married to it",
        do=f"look with profile {by}; was that this one, by an earlier name: red bin; for rework a supervisor"
        f" retires it: station retire {mine.name} --reason …",
        code=Code.E202,
    )


def unclear(mine: Known, why: str) -> NeedsPerson:
    """Not E213: a good board that lost its power at the wrong moment looks like this until it has started once."""
    return NeedsPerson(
        f"this board was flashed with {mine.name}; what it holds now cannot be made out" + (f": {why}" if why else ""),
        means="its identity stays married to it, and nobody can say that it is gone",
        do="let the board start once, so that its firmware repairs its storage, and put it in again; "
        "if it says the same then, set it aside and call the engineer",
        code=Code.E613,
    )


def locked(uid: BoardUid) -> BoardFault:
    return BoardFault(f"board {uid} is locked", means="nothing was written", do=f"red bin; {_FREED}", code=Code.E207)


def foretold(uid: BoardUid) -> NeedsPerson:
    return NeedsPerson(
        f"a witness says that board {uid} has an identity that is not here, or not as it was written",
        means="it is probably a good board; nothing was reserved or written",
        do="bring its batch in: station pull, station import, and what was chosen in a dispute since; then put the"
        " board in again",
        code=Code.E616,
    )


def differs(detail: str) -> BoardFault:
    return BoardFault(
        f"the board does not hold what was written: {detail}",
        means="its identity stays married to it",
        do="red bin, or put it back in for another try",
        code=Code.E204,
    )


def locked_otherwise(uid: BoardUid) -> BoardFault:
    return BoardFault(
        f"board {uid} is locked with something else than its identity",
        means="its identity stays married to it",
        do=f"red bin; a supervisor decides; {_FREED}",
        code=Code.E207,
    )


def unverifiable() -> BoardFault:
    return BoardFault(
        "written, but this board cannot be read back",
        means="it is not called done: nobody saw what it holds",
        do="let its firmware answer: put it on a slot with an agent profile",
        code=Code.E211,
    )


def another_board(before: BoardUid, after: str, *, unsent: bool) -> AnotherBoard:
    """`unsent`: the other one cannot have got a byte of the identity."""
    holds = "" if unsent else f"; board {after} may hold a part of it"
    return AnotherBoard(
        after,
        f"the board changed during the attempt: {before} before, {after} after",
        means=f"the identity stays married to {before}{holds}",
        do=f"put board {before} back in any slot" if unsent else _KEEP_BOTH,
        unsent=unsent,
    )


def exchanged(before: BoardUid, now: BoardUid) -> AnotherBoard:
    """While they were looked at: whose what was read is, nobody can say."""
    return AnotherBoard(
        now,
        f"another board came to this port while {before} was looked at; now it is {now}",
        unsent=True,
        means=_UNTOUCHED,
        do="put one board in at a time, and leave it until its tile says what to do",
    )


def stranger(one: Stranger) -> IntegrityAlarm:
    said = "was said to be scrapped" if one.fate else "was seen with it, or in the slot while another board was written"
    return IntegrityAlarm(
        f"board {one.uid} {said}: it may hold a part of {one.name or 'a certificate that is not here'},"
        f" which belongs to {f'board {one.married_to}' if one.married_to else 'another board'}",
        means="two boards may hold one identity",
        do=f"stop, keep this board apart; a supervisor: station stranger settle {one.uid}",
        code=Code.E701,
    )


def waits_for(one: Stranger) -> NeedsPerson:
    return NeedsPerson(
        f"{one.name} waits: board {one.uid} was in the slot while it was written, or seen with it",
        means=f"board {one.married_to} is not touched before a supervisor has said what became of {one.uid}",
        do=f"find board {one.uid}; a supervisor: station stranger settle {one.uid}",
        code=Code.E630,
    )


def blank_under_its_label(mine: Known) -> NeedsPerson:
    return NeedsPerson(
        f"{mine.name} was being written to the board with label {mine.board_uid}, and this board shows nothing of it",
        means="it may be another board with a wrong label; nothing was written",
        do=f"look for the board that was in the slot then; is it this one, a supervisor: station vouch {mine.name}",
        code=Code.E631,
    )


def unproved_label(mine: Known) -> NeedsPerson:
    """Neither ALREADY DONE, of a board that may have no identity, nor E213, of a good one that is elsewhere."""
    return NeedsPerson(
        f"the board with label {mine.board_uid} is done, with {mine.name}; this board does not show it",
        means="it may be another board with a wrong label, and have no identity; nothing was written",
        do="look whose label it is; connect it by its own USB, or let its firmware answer: an agent profile",
        code=Code.E633,
    )


_OF_DONE: Mapping[Plan, Callable[[Known], StationError]] = {
    Plan.CHANGED: changed,
    Plan.UNPROVED_LABEL: unproved_label,
}


def _label_fits(label: str, profile: Profile, board: BoardInfo) -> bool:
    try:
        return board_on(label, profile.label) == board.uid
    except NotALabel:
        return False
