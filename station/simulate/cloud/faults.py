# SPDX-License-Identifier: GPL-3.0-or-later
"""The fault language: which request meets which mishap or quirk.

A script is a list of rules, one a line or separated by `;`; `#` starts a comment. A rule is `key=value` words:

    path=/living/device/apply/query page=3 nth=2 do=drop-after
    path=*/generate times=1 do=status-after:504
    quirk=9.1-object

    path=GLOB     request path (default: any)      method=POST   HTTP method (default: any)
                  of the IoT Platform: /ACTION
    page=N        page the request asks for        nth=N, N-M, N-   of the requests this rule matches (default: all)
    times=N       strike at most N times           chance=P      strike with probability P (0 to 1), seeded
    do=NAME[:ARG] a mishap; a bare number is `status:NUMBER`     quirk=NAME[:ARG]  an oddity of the real clouds

Several rules may strike the same request. The help of `station simulate cloud` lists names and their arguments:
`:N` is a whole number, in brackets when it may be left out.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """What strikes one request: (name, argument) pairs in the order of the script."""

    mishaps: tuple[tuple[str, str], ...] = ()
    quirks: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.mishaps or self.quirks)

    def argument(self, name: str) -> str | None:
        """The argument of a mishap or quirk of this name (perhaps empty); None when it does not strike."""
        return next((argument for n, argument in self.mishaps + self.quirks if n == name), None)

    def has(self, name: str) -> bool:
        return self.argument(name) is not None

    def names(self) -> list[str]:
        return [name for name, _ in self.mishaps + self.quirks]


@dataclass(kw_only=True)
class Rule:
    """One line of a script and how often it matched and struck."""

    path: str = "*"
    method: str = ""
    page: int | None = None
    first: int = 1
    last: int | None = None
    times: int | None = None
    chance: float = 1.0
    mishap: tuple[str, str] | None = None
    quirk: tuple[str, str] | None = None
    matched: int = field(default=0, init=False)
    struck: int = field(default=0, init=False)

    def strikes(self, method: str, path: str, page: object, dice: random.Random) -> bool:
        """Whether this request is struck; counts it."""
        if not fnmatchcase(path, self.path) or (self.method and method != self.method):
            return False
        if self.page is not None and page != self.page:
            return False
        self.matched += 1
        if self.matched < self.first or (self.last is not None and self.matched > self.last):
            return False
        if self.times is not None and self.struck >= self.times:
            return False
        if self.chance < 1 and dice.random() >= self.chance:
            return False
        self.struck += 1
        return True


def plain(usage: str) -> str:
    """The name in a usage like `status:N` or `short-page[:N]`."""
    return usage.partition("[")[0].partition(":")[0]


class FaultScript:
    """Rules and their counters, shared by all connections. `mishaps` and `quirks`: the usages it understands."""

    def __init__(self, mishaps: Iterable[str], quirks: Iterable[str]) -> None:
        self._usages = {"do": {plain(use): use for use in mishaps}, "quirk": {plain(use): use for use in quirks}}
        self._rules: list[Rule] = []
        self._lock = threading.Lock()
        self._dice = random.Random(1)  # noqa: S311 - a fault must come back when a test is run again

    def add(self, text: str) -> None:
        """Append the rules of a script. ValueError names the word it does not understand; then none is added."""
        lines = (line.partition("#")[0].split() for line in text.replace(";", "\n").splitlines())
        rules = [self._rule(words) for words in lines if words]
        with self._lock:
            self._rules += rules

    def clear(self) -> None:
        with self._lock:
            self._rules.clear()

    def plan(self, method: str, path: str, page: object) -> FaultPlan:
        if not self._rules:
            return _NO_FAULTS
        with self._lock:
            struck = [rule for rule in self._rules if rule.strikes(method, path, page, self._dice)]
        return FaultPlan(
            mishaps=tuple(rule.mishap for rule in struck if rule.mishap),
            quirks=tuple(rule.quirk for rule in struck if rule.quirk),
        )

    def _rule(self, words: Iterable[str]) -> Rule:
        rule = Rule()
        for word in words:
            key, separator, value = word.partition("=")
            if not separator or not value:
                raise ValueError(f"fault script: {word!r} is not key=value")
            try:
                self._set(rule, key, value)
            except ValueError as error:
                raise ValueError(f"fault script: {word!r}: {error}") from None
        if rule.mishap is None and rule.quirk is None:
            raise ValueError(f"fault script: {' '.join(words)!r} has neither do= nor quirk=")
        return rule

    def _set(self, rule: Rule, key: str, value: str) -> None:
        match key:
            case "path":
                rule.path = value
            case "method":
                rule.method = value.upper()
            case "page":
                rule.page = int(value)
            case "nth":
                first, dash, last = value.partition("-")
                rule.first = int(first)
                rule.last = int(last) if last else None if dash else rule.first
            case "times":
                rule.times = int(value)
            case "chance":
                rule.chance = float(value)
            case "do":
                rule.mishap = self._named("do", f"status:{value}" if value.isdecimal() else value)
            case "quirk":
                rule.quirk = self._named("quirk", value)
            case _:
                raise ValueError("unknown key")

    def _named(self, key: str, value: str) -> tuple[str, str]:
        name, _, argument = value.partition(":")
        usage = self._usages[key].get(name)
        if usage is None:
            raise ValueError(f"unknown name; known: {', '.join(self._usages[key])}")
        takes = usage.removeprefix(name)
        if (argument and not takes) or (takes.startswith(":") and not argument):
            raise ValueError(f"is used as {usage}")
        if argument:
            {"N": int, "SECONDS": float, "WORD": str}[takes.strip("[:]")](argument)
        return name, argument


_NO_FAULTS = FaultPlan()
