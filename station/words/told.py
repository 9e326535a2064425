# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors, reasons and locks in the language of the screen.

Errors are written in one language. Where the screen speaks another one, it says what their code says, and below it
the detail for the engineer in its own language (`details`): it names paths, keys and boards.
"""

from __future__ import annotations

from station.codes import Blame, Code
from station.errors import StationError
from station.events import Notice
from station.ledger.locks import BY_HAND, Lock
from station.ledger.matters import Matter
from station.words.details import said
from station.words.language import CodeText, Words


def headline(code: Code, words: Words) -> str:
    """The code and what happened."""
    return f"{code}  {words.codes[code].what}"


def wait_line(code: Code, seconds: int, words: Words) -> str:
    """The same, and how long to wait."""
    return f"{headline(code, words)}  –  {words.bench.seconds.format(n=seconds)}"


def error_lines(error: StationError, words: Words) -> tuple[str, ...]:
    """What it means, what to do, and the detail; what there is of them."""
    known = words.told(error.code, error.what)
    if words.native:
        what = "" if error.what.lower() == known.what.lower() else error.what  # the headline says it
        return _present(what, error.means or known.means, error.do or known.do)
    detail = _detail(error, words)
    if detail in (known.what, f"{known.what} → {known.do}"):  # the headline and the line above say it
        detail = ""
    return _present(_means(error, known, words), known.do, words.of(words.office.detail, detail) if detail else "")


def whole_error(error: StationError, words: Words) -> tuple[str, ...]:
    """The headline and the lines below it."""
    return headline(error.code, words), *error_lines(error, words)


def asked_lines(error: StationError, words: Words) -> tuple[str, ...]:
    """For whoever answers questions: of a cloud's error without what its code says of boards at work. There may be none
    yet, and where there are, their tiles say it."""
    if error.code.blame is not Blame.CLOUD:
        return whole_error(error, words)
    means = error.means if words.native else said(error.means, words)
    below = (
        (error.what, means, error.do) if words.native else (means, words.of(words.office.detail, _detail(error, words)))
    )
    return headline(error.code, words), *_present(*below)


def command_lines(error: StationError, words: Words) -> tuple[str, ...]:
    """For a terminal: the code and what happened, and below it what it means and what to do. An engineer reads it: what
    the code says of any such error stands there only where this one has no text in the language."""
    text, known = words.commands, words.told(error.code, error.what)
    first, do, detail = said(error.what, words), said(error.do, words), ""
    means = error.means if words.native else _means(error, known, words)
    if not words.native and first == error.what:
        first, do, detail = known.what, known.do, _detail(error, words)
    below = ((text.means, means), (text.do, do), (words.office.detail, detail))
    return f"{error.code} {first}", *(f"  {words.of(label, told)}" for label, told in below if told)


def error_line(error: StationError | Notice, words: Words) -> str:
    """All in one line: its code, what happened, what to do."""
    if words.native:
        return f"{error.code} {error.what} → {error.do}"
    return f"{error.code} {words.told(error.code, error.what).what}" + words.marks.aside.format(_detail(error, words))


def reason_line(code: Code | None, text: str, words: Words) -> str:
    """Why an identity is where it is: the code in this language, what was written behind it."""
    if code is None:
        return text
    if words.native:
        return f"{code} {text}"
    return f"{code} {words.codes[code].what}" + (words.marks.aside.format(said(text, words)) if text else "")


def lock_line(lock: Lock, words: Words) -> str:
    """Why a slot or the station is locked. What a supervisor wrote, and what an alarm found, is shown as it is."""
    if words.native:
        return f"{lock.code} {lock.what}"
    known = f"{lock.code}  {words.told(lock.code, lock.what).what}"
    if lock.code in (Code.E602, Code.E603):  # by rule
        return known
    return words.of(known, lock.what if lock.code == BY_HAND else said(lock.what, words))


def matter_line(matter: Matter, words: Words) -> str:
    """What waits for a person; a ledger's lock says after its code which of that code's texts it has."""
    if words.native:
        return matter.line()
    known = words.told(matter.code, matter.what.partition(f"{matter.code} ")[2])
    told = words.of(known.do, said(matter.what, words))
    return f"{matter.code} {known.what}  {told} → {said(matter.do, words)}"


def _means(error: StationError, known: CodeText, words: Words) -> str:
    """What it means for this board, rather than what its code means for any."""
    told = said(error.means, words)
    return told if told != error.means else known.means


def _detail(error: StationError | Notice, words: Words) -> str:
    return " → ".join(_present(said(error.what, words), said(error.do, words)))


def _present(*texts: str) -> tuple[str, ...]:
    return tuple(text for text in texts if text)
