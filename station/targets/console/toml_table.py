# SPDX-License-Identifier: GPL-3.0-or-later
"""A TOML table of a profile as it is read: each value of its kind, and everything that is wrong with it, by key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeVar

from station.patterns import Pattern, pattern
from station.targets.console.spec import AnswerCheck, Field
from station.targets.console.template import template_faults

_T = TypeVar("_T")
_NEVER = Pattern.never()
SOME: Final = -1
"""Groups of a pattern: one or more."""


class ProfileTable:
    """A TOML table that remembers which keys were asked for, and everything that was wrong."""

    baud: int = 115200
    line_end: str = "\r"  # of the whole [console], for what says only one of both
    check: AnswerCheck | None = None  # likewise, for what has none of its own

    def __init__(
        self, values: Mapping[str, object], where: str, faults: list[str], above: ProfileTable | None = None
    ) -> None:
        self._values = values
        if above is not None:
            self.baud, self.line_end, self.check = above.baud, above.line_end, above.check
        self._known: set[str] = set()
        self.where = where
        self.faults = faults

    def fault(self, key: str, what: str) -> None:
        self.faults.append(f"{self.where}.{key} {what}")

    def get(self, key: str, kind: type[_T], default: _T) -> _T:
        """The value, or `default` where it is missing or of another kind (which is a fault)."""
        self._known.add(key)
        value = self._values.get(key, default)
        wanted = (int, float) if kind is float else kind
        if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
            self.fault(key, f"must be a {kind.__name__}")
            return default
        return value  # type: ignore[return-value]

    def need(self, key: str, kind: type[_T], default: _T) -> _T:
        if key not in self._values:
            self._known.add(key)
            self.fault(key, "is missing")
            return default
        return self.get(key, kind, default)

    def has(self, key: str) -> bool:
        return key in self._values

    def positive(self, key: str, default: int) -> int:
        number = self.get(key, int, default)
        if number <= 0:
            self.fault(key, "must be more than 0")
        return number

    def seconds(self, key: str, default: float) -> float:
        number = self.get(key, float, default)
        if not 0 < number <= 600:
            self.fault(key, "must be more than 0 and at most 600 seconds")
        return float(number)

    def pattern(self, key: str, groups: int = 0) -> Pattern:
        return self._compile(key, self.need(key, str, ""), groups)

    def pattern_or_none(self, key: str, groups: int = 0) -> Pattern | None:
        return self.pattern(key, groups) if self.has(key) else None

    def template(self, key: str, *, needed: bool = True) -> str:
        text = self.need(key, str, "") if needed else self.get(key, str, "")
        for fault in template_faults(text):
            self.fault(key, fault)
        return text

    def plain_line(self, key: str) -> str:
        text = self.template(key)
        if "{" in text:
            self.fault(key, "takes no placeholder")
        return text

    def table(self, key: str) -> ProfileTable:
        values = self.need(key, dict, {})
        return ProfileTable(values, f"{self.where}.{key}", self.faults, self)

    def tables(self, key: str) -> Iterator[ProfileTable]:
        for number, values in enumerate(self.get(key, list, []), 1):
            if isinstance(values, dict):
                yield ProfileTable(values, f"{self.where}.{key}[{number}]", self.faults, self)
            else:
                self.fault(key, "must be a list of tables")

    def patterns(self, key: str) -> Iterator[tuple[Pattern, str]]:
        for source, words in self.get(key, dict, {}).items():
            if not isinstance(words, str):
                self.fault(key, f"“{source}” must be explained in words")
            yield self._compile(key, source, 0), str(words)

    def by_field(self, key: str, kind: type[_T]) -> dict[Field, _T]:
        found = {}
        for name, value in self.get(key, dict, {}).items():
            if name not in list(Field):
                self.fault(key, f"“{name}” is not one of {', '.join(Field)}")
            elif not isinstance(value, kind) or isinstance(value, bool):
                self.fault(key, f"{name} must be a {kind.__name__}")
            else:
                found[Field(name)] = value
        return found

    def field_patterns(self, key: str) -> dict[Field, Pattern]:
        return {name: self._compile(key, source, 1) for name, source in self.by_field(key, str).items()}

    def done(self) -> None:
        for key in self._values:
            if key not in self._known:
                self.fault(key, "is not a key here")

    def _compile(self, key: str, source: str, groups: int) -> Pattern:
        try:
            compiled = pattern(source, lines=True)
        except ValueError as error:
            self.fault(key, f"is not a pattern: {error}")
            return _NEVER
        if groups == SOME and not compiled.groups:
            self.fault(key, f"“{source}” must have a (group)")
            return _NEVER
        if groups > 0 and compiled.groups != groups:
            self.fault(key, f"“{source}” must have exactly one (group)")
            return _NEVER
        if not source or compiled.search(""):
            self.fault(key, f"“{source}” matches an empty answer")
        return compiled
