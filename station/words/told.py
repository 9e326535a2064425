# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors, reasons and locks in the language of the screen.

Errors are written in one language. Where the screen speaks another one, it says what their code says, and keeps the
original as a detail for the engineer: it names paths, keys and boards.
"""

from __future__ import annotations

from station.codes import Code
from station.errors import StationError
from station.ledger.locks import Lock
from station.ledger.matters import Matter
from station.words.language import Words


def headline(code: Code, words: Words) -> str:
    """The code and what happened."""
    return f"{code}  {words.codes[code].what}"


def error_lines(error: StationError, words: Words) -> tuple[str, ...]:
    """What it means, what to do, and the detail; what there is of them."""
    known = words.told(error.code, error.what)
    if words.native:
        what = "" if error.what.lower() == known.what.lower() else error.what  # the headline says it
        return _present(what, error.means or known.means, error.do or known.do)
    original = " → ".join(_present(error.what, error.do))
    return _present(known.means, known.do, f"{words.office.detail}: {original}")


def whole_error(error: StationError, words: Words) -> tuple[str, ...]:
    """The headline and the lines below it."""
    return headline(error.code, words), *error_lines(error, words)


def command_lines(error: StationError, words: Words) -> tuple[str, ...]:
    """For a terminal: the code and what happened, and below it what it means, what to do, and the detail."""
    text, known = words.commands, words.told(error.code, error.what)
    if words.native:
        first, means, do, detail = error.what, error.means, error.do, ""
    else:
        first, means, do = known.what, known.means, known.do
        detail = " → ".join(_present(error.what, error.do))
    below = ((text.means, means), (text.do, do), (words.office.detail, detail))
    return f"{error.code} {first}", *(f"  {label}: {said}" for label, said in below if said)


def reason_line(code: Code | None, text: str, words: Words) -> str:
    """Why an identity is where it is: the code in this language, what was written behind it."""
    if code is None:
        return text
    if words.native:
        return f"{code} {text}"
    return f"{code} {words.codes[code].what}" + (f" ({text})" if text else "")


def lock_line(lock: Lock, words: Words) -> str:
    """Why a slot or the station is locked. What a supervisor wrote, and what an alarm found, is shown as it is."""
    if words.native:
        return f"{lock.code} {lock.what}"
    said = f"{lock.code}  {words.told(lock.code, lock.what).what}"
    by_rule = lock.code in (Code.E602, Code.E603)
    return said if by_rule else f"{said}: {lock.what}"


def matter_line(matter: Matter, words: Words) -> str:
    """What waits for a person."""
    if words.native:
        return matter.line()
    known = words.codes[matter.code]
    return f"{matter.code} {known.what}  {known.do}: {matter.what} → {matter.do}"


def _present(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)
