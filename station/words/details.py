# SPDX-License-Identifier: GPL-3.0-or-later
"""Details of errors, findings and matters in the language of the screen.

They are raised, logged and kept in English. Here a finished text is found again by its template, in a table a language
(`words/chinese_details`), so that what a ledger kept years ago is said in Chinese too. A place may hold a text of the
same kind; lists (“a; b”) and what stands before a colon are taken apart. What no template fits stays as it is: better
English than a guess. Reading is linear in the text.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import import_module
from itertools import product
from string import Formatter

from station.model import Language
from station.words.further import further
from station.words.language import Words

_LONGEST = 2000
"""Characters; a longer one is no text of ours."""
_SHORTEST = 5
"""Characters; a shorter one is a name or a number."""
_MOST_PARTS = 40
_DEEPEST = 5
_SURE = 20
"""Characters by which a template is known before a list is taken apart."""
_WORDS_BEFORE = 6
"""What a text says of may be named in so many words."""
_CODED = re.compile(r"(?:([^:]{1,60}): )?E\d{3}:? ")
_SENTENCE = re.compile(r"(?=.* )(?:^|.* )[a-z]{2,}(?: |$)")
"""More than a name: in a place of a short template that begins with one it shows that the text is another one."""
_REASON = ": "
"""What follows it is said by somebody else, such as the system: any sentence may stand there."""
_COMMAND = "station "
"""What is typed is no text."""
_JOINTS = (("\n    ", "\n    "), ("; ", "；"), (": ", "："))


@dataclass(frozen=True, slots=True)
class _Template:
    parts: tuple[str, ...]  # what is written around the places
    length: int
    said: str

    def places(self, text: str) -> list[str] | None:
        """What stands in them; None when it is another text."""
        first, *between = self.parts
        if not text.startswith(first):
            return None
        if not between:
            return [] if len(text) == len(first) else None
        *between, last = between
        at, found = len(first), []
        for part in between:
            begins = text.find(part, at)
            if begins < 0:
                return None
            found.append(text[at:begins])
            at = begins + len(part)
        end = len(text) - len(last)
        if end < at or not text.endswith(last):
            return None
        found.append(text[at:end])
        return found if first or all(map(_closes, found)) else None


class _Table:
    """Templates by their first word; those that begin with a place for themselves. Most length first."""

    def __init__(self, said: dict[str, str]) -> None:
        self._by_word: dict[str, list[_Template]] = defaultdict(list)
        self._others: list[_Template] = []
        for template in sorted(_templates(said), key=lambda one: -one.length):
            word, blank, _ = template.parts[0].partition(" ")
            whole = blank or len(template.parts) == 1
            (self._by_word[word] if word and whole else self._others).append(template)

    def find(self, text: str, *, least: int = 0) -> tuple[_Template, list[str]] | None:
        """The longest that fits, and what stands in its places."""
        best = None
        for templates in (self._by_word.get(text.partition(" ")[0], ()), self._others):
            for one in templates:
                if (one.length < least and templates is self._others) or (best and one.length <= best[0].length):
                    break
                places = one.places(text)
                if places is not None:
                    best = one, places
                    break
        return best


def said(text: str, words: Words) -> str:
    """A detail in the language of `words`; as it is, where that is its own or nothing fits."""
    if words.native or not text or len(text) > _LONGEST:
        return text
    return _said(text, words.language)


@lru_cache(maxsize=512)
def _said(text: str, language: Language) -> str:
    return _in(_table(language), text, _DEEPEST) or text


@cache
def _table(language: Language) -> _Table:
    own = further(language, "details")
    if own is None:
        return _Table({})
    tables: dict[str, str] = own.KEPT | own.SYSTEM
    tables |= import_module(f"{own.__name__}.parts").PARTS
    for room in own.ROOMS:
        tables |= import_module(f"{own.__name__}.{room}").DETAILS
    return _Table(tables)


def _in(table: _Table, text: str, depth: int) -> str:
    """ "" where nothing fits."""
    if not depth or len(text) < _SHORTEST:
        return ""
    coded = _CODED.match(text)
    if coded and (rest := _in(table, text[coded.end() :], depth - 1)):
        where = coded[1] or ""
        return coded[0].replace(where, _in(table, where, depth - 1) or where, 1) + rest
    found = table.find(text, least=_SURE)
    if found and (whole := _filled(table, *found, depth)):
        return whole
    return _apart(table, text, depth) or _weaker(table, text, depth) or _after_a_name(table, text, depth)


def _filled(table: _Table, template: _Template, places: list[str], depth: int, *, inside: bool = False) -> str:
    """ "" where it was found in the middle of another sentence: `inside`, or a short one that begins with a place."""
    told = [_in(table, place, depth - 1) for place in places]
    inside = inside or (not template.parts[0] and template.length < _SURE)
    if inside and not all(map(_fits, template.parts, told, places)):
        return ""
    return template.said.format(*(one or place for one, place in zip(told, places, strict=True)))


def _fits(before: str, told: str, place: str) -> bool:
    return bool(told) or before.endswith(_REASON) or not _SENTENCE.match(place)


def _weaker(table: _Table, text: str, depth: int) -> str:
    found = table.find(text)
    return _filled(table, *found, depth) if found else ""


def _apart(table: _Table, text: str, depth: int) -> str:
    """A list, a name and what is said of it, or a text and its reason in brackets."""
    for joint, in_chinese in _JOINTS:
        parts = _parts(text, joint)
        if len(parts) > 1:
            each = [_in(table, part, depth - 1) for part in parts]
            if any(each):
                return in_chinese.join(one or part for one, part in zip(each, parts, strict=True))
    first, opened, inner = text.partition(" (")
    if opened and inner.endswith(")"):
        found, reason = _in(table, first, depth - 1), _in(table, inner[:-1], depth - 1)
        if found or (reason and not first):  # without a text before it: in a place that may stay empty
            return f"{found}（{reason or inner[:-1]}）"
    return ""


def _parts(text: str, joint: str) -> list[str]:
    """At each joint that stands in no bracket: what is in one is a text of its own."""
    parts: list[str] = []
    for part in text.split(joint, _MOST_PARTS):
        if parts and not _closes(parts[-1]):
            parts[-1] += joint + part
        else:
            parts.append(part)
    return parts


def _closes(text: str) -> bool:
    """Each bracket that it opens, and no other."""
    return text.count("(") == text.count(")")


def _after_a_name(table: _Table, text: str, depth: int) -> str:
    """“[console.uid] must be a table”: what a fault is said of stands before it."""
    at = -1
    if text.startswith(_COMMAND):
        return ""
    for _ in range(_WORDS_BEFORE):
        at = text.find(" ", at + 1)
        if at < 0:
            break
        found = table.find(text[at + 1 :])
        if found and found[0].parts[0] and (rest := _filled(table, *found, depth, inside=True)):
            return f"{text[:at]} {rest}"
    return ""


def _templates(said: dict[str, str]) -> list[_Template]:
    made = []
    for text, in_chinese in said.items():
        for plural in product(("", "s"), repeat=text.count("(s)")):
            whole = text
            for ending in plural:
                whole = whole.replace("(s)", ending, 1)
            made.append(_template(whole, in_chinese))
    return made


def _template(text: str, in_chinese: str) -> _Template:
    parts = text.split("{}") if "{{" not in text else _parsed(text)
    if text[0] in " ,;:":  # what is put behind a name
        parts, in_chinese = ["", *parts], "{}" + in_chinese
    return _Template(tuple(parts), len(text), in_chinese)


def _parsed(text: str) -> list[str]:
    """Of a template with braces of its own."""
    parts = [""]
    for literal, field, _, _ in Formatter().parse(text):
        parts[-1] += literal
        if field is not None:
            parts.append("")
    return parts
