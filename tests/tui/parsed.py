# SPDX-License-Identifier: GPL-3.0-or-later
"""Style sheets are parsed once a process: each app under test would parse the same ones anew, those of textual's own
widgets too. What they say is in the key, so another sheet, or another theme's colours, is parsed.
"""

from __future__ import annotations

import pytest
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet
from textual.css.types import CSSLocation

_parse_rules, _parse = Stylesheet._parse_rules, Stylesheet.parse
_rules: dict[tuple[object, ...], list[RuleSet]] = {}
_whole: dict[tuple[object, ...], tuple[list[RuleSet], dict[str, list[RuleSet]]]] = {}
_colours: dict[tuple[tuple[str, str], ...], int] = {}


def once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Stylesheet, "_parse_rules", _each_once)
    monkeypatch.setattr(Stylesheet, "parse", _all_once)
    monkeypatch.setattr(RuleSet, "__hash__", object.__hash__)  # the same, but not in Python: asked of each rule a node


def _each_once(
    self: Stylesheet,
    css: str,
    read_from: CSSLocation,
    is_default_rules: bool = False,
    tie_breaker: int = 0,
    scope: str = "",
) -> list[RuleSet]:
    key = css, read_from, is_default_rules, tie_breaker, scope, _theme(self)
    if key not in _rules:
        _rules[key] = _parse_rules(self, css, read_from, is_default_rules, tie_breaker, scope)
    return _rules[key]


def _all_once(self: Stylesheet) -> None:
    key = *self.source.items(), _theme(self)
    if key not in _whole:
        _parse(self)
        _whole[key] = self.rules, self.rules_map
    self._rules, self._rules_map = _whole[key]
    self._require_parse = False


def _theme(sheet: Stylesheet) -> int:
    """Its colours' number."""
    return _colours.setdefault(tuple(sheet._variables.items()), len(_colours))
