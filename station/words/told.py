# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors, reasons and locks in the language of the screen.

Errors are written in one language. Where the screen speaks another one, it says what their code says, and keeps the
original as a detail for the engineer: it names paths, keys and boards.
"""

from __future__ import annotations

from station.errors import StationError
from station.ledger.locks import Lock
from station.words.language import CodeText, Words


def headline(code: str, words: Words, otherwise: str = "") -> str:
    """The code and what happened; `otherwise` for a code that has no text."""
    known = words.code(code)
    return f"{code}  {known.what if known else otherwise}".rstrip()


def error_lines(error: StationError, words: Words) -> tuple[str, ...]:
    """What it means, what to do, and the detail; what there is of them."""
    known = words.told(error.code, error.what) or CodeText("", "")
    if words.native:
        what = "" if error.what.lower() == known.what.lower() else error.what  # the headline says it
        return _present(what, error.means or known.means, error.do or known.do)
    original = " → ".join(_present(error.what, error.do))
    return _present(known.means, known.do, f"{words.office.detail}: {original}")


def whole_error(error: StationError, words: Words) -> tuple[str, ...]:
    """The headline and the lines below it."""
    return headline(error.code, words), *error_lines(error, words)


def reason_line(reason: str, words: Words) -> str:
    """Why an identity is where it is: the code in this language, what was written behind it."""
    code, _, text = reason.partition(" ")
    known = words.codes.get(code)
    if known is None or words.native:
        return reason
    return f"{code} {known.what}" + (f" ({text})" if text else "")


def lock_line(lock: Lock, words: Words) -> str:
    """Why a slot or the station is locked. What a supervisor wrote, and what an alarm found, is shown as it is."""
    if words.native:
        return f"{lock.code} {lock.what}"
    known = words.told(lock.code, lock.what)
    said = f"{lock.code}  {known.what if known else lock.what}"
    by_rule = lock.code in ("E602", "E603")
    return said if by_rule else f"{said}: {lock.what}"


def _present(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)
