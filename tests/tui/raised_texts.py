# SPDX-License-Identifier: GPL-3.0-or-later
"""Every text that the house raises, finds or tells, read from its source: templates with `{}` for what is only known
when it is said, and `(s)` for a plural.

It begins at the constructors of errors, findings, notices and matters, and follows what flows into them: constants,
f-strings, both branches of a condition, local names, lists that are joined, what a called function returns or yields,
and, where it is a parameter, what every caller hands in.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import product
from pathlib import Path
from typing import TypeGuard

from tests.tui.house_source import HOUSE, Function, Module, Scope, base_of, name_of, walk

_TOLD = {
    "StationError": ("what", "do", "means"),
    "Finding": ("what", "do"),
    "DueLock": ("what",),
    "Notice": ("what", "do"),
    "Matter": ("what", "do"),
    "SpecFinding": ("path", "text"),
    "ReadBack": ("detail",),
    "Look": ("why", "damage"),
    "Odd": ("place", "why"),
    "Ownership": ("why",),
    "TableBroken": ("why",),
    "Posted": ("why",),
    "_Lost": ("why",),
    "EventRefused": ("why",),
    "LinkBroken": ("0",),
    "release": ("why",),
    "doubt": ("why",),
    "lock": ("what",),
    "Check": ("detail",),
    "_asked": ("question",),
    "say": ("text",),
    "_in_words": ("why",),
    "print_told": ("text",),
    "require_yes": ("what",),
    "ask_text": ("question",),
    "ask_number": ("question",),
    "ask_secret": ("question",),
    "spoken": ("text",),
    "rest": ("1",),  # why it waits; a `Rest` is handed in, so that its parameter has no name
    "_rest": ("1",),
}
_MOST = 12
"""Ways one text can be put together; beyond that what differs becomes a place."""
_WORD = re.compile(r"[A-Za-z]{2,}")
_FEWEST = 5
"""Letters of its own; a text of fewer would be found in others."""
_IS_COMMAND = re.compile(
    r" *(station [a-z]|sudo |pip |apt-get |chmod |head -|systemctl |--)(?!.*( and | to | is ))[^;,:()]*$"
)
"""What is typed as it stands is the same in every language."""
_IS_SQL = re.compile(r"\b(SELECT|INSERT|UPDATE|DELETE|PRAGMA|CREATE|FROM|WHERE|ISOLATION)\b")
_PLACE = "{}"
_FIELD = re.compile(r"\{\{[^{}]*\}\}")
"""Of a text that is formatted later."""
_PUT_AWAY = frozenset({"write_new"})
"""What is put into a file is nothing that is told."""
_ITEMS_OF = frozenset({"sorted", "list", "tuple", "set", "filter", "fromkeys", "iter", "unique"})


class House:
    def __init__(self, root: Path = HOUSE) -> None:
        self.modules = [Module(path) for path in sorted(root.rglob("*.py"))]
        self.functions: dict[str, list[tuple[Module, Function]]] = defaultdict(list)
        self.classes: dict[str, tuple[Module, ast.ClassDef]] = {}
        self.calls: dict[str, list[tuple[Module, ast.Call, Function | None]]] = defaultdict(list)
        self.texts: dict[str, set[str]] = defaultdict(set)
        self._scopes: dict[tuple[str, int], Scope] = {}
        self._done: set[object] = set()
        self._todo: list[tuple[str, str, bool, str]] = []  # callable, parameter, of many, module or ""
        self.constants: dict[str, list[Module]] = defaultdict(list)
        for module in self.modules:
            for constant in module.constants:
                self.constants[constant].append(module)
            for function in module.functions:
                self.functions[function.name].append((module, function))
            for one in module.classes:
                self.classes.setdefault(one.name, (module, one))
        for module in self.modules:
            for call, inside, owner in module.calls:
                name = name_of(call.func)
                if name == "__init__" and owner is not None:
                    name = base_of(owner)
                for called in self._chosen(call.func, self._scope(module, inside)) or (name,):
                    self.calls[called].append((module, call, inside))

    def gather(self) -> dict[str, set[str]]:
        """Template → modules it stands in."""
        for name, params in _TOLD.items():
            for one in self._family(name) if name in self.classes else [name]:
                self._todo += [(one, param, False, "") for param in params]
        while self._todo:
            self._callers(*self._todo.pop())
        return {text: where for text, where in self.texts.items() if text.replace(_PLACE, "").strip(" :;,.()")}

    def _chosen(self, called: ast.expr, scope: Scope) -> set[str]:
        """The classes that a local name stands for, where one of them is chosen."""
        assigned = scope.assigned.get(called.id, ()) if isinstance(called, ast.Name) else ()
        return {
            one.id for value in assigned for one in ast.walk(value) if isinstance(one, ast.Name)
        } & self.classes.keys()

    def _family(self, name: str) -> set[str]:
        family = {name}
        while more := {n for n, (_, c) in self.classes.items() if n not in family and base_of(c) in family}:
            family |= more
        return family

    def _callers(self, name: str, param: str, of_many: bool, only: str) -> None:
        if (name, param, of_many, only) in self._done:
            return
        self._done.add((name, param, of_many, only))
        position = self._position(name, param)
        for module, call, inside in self.calls[name]:
            if only and module.name != only:
                continue
            value = next((k.value for k in call.keywords if k.arg == param), None)
            if value is None and position is not None and position < len(call.args):
                value = call.args[position]
            if value is not None and not isinstance(value, ast.Starred):
                scope = self._scope(module, inside)
                self._keep(self._items(value, scope) if of_many else self._ways(value, scope), scope)

    def _position(self, name: str, param: str) -> int | None:
        if param.isdigit():
            return int(param)
        if name in self.classes:
            return self._field(name, param)
        for _, function in self.functions.get(name, ()):
            names = [a.arg for a in (*function.args.posonlyargs, *function.args.args) if a.arg not in ("self", "cls")]
            if param in names:
                return names.index(param)
        return None

    def _field(self, name: str, param: str) -> int | None:
        _, one = self.classes[name]
        for made in one.body:
            if isinstance(made, ast.FunctionDef) and made.name == "__init__":
                names = [a.arg for a in made.args.args[1:]]
                return names.index(param) if param in names else None
        base = base_of(one)
        if base in self.classes:
            return self._field(base, param)
        fields = [s.target.id for s in one.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
        return fields.index(param) if param in fields else None

    def _scope(self, module: Module, function: Function | None) -> Scope:
        key = (module.name, function.lineno if function else 0)
        if key not in self._scopes:
            self._scopes[key] = Scope(module, function)
        return self._scopes[key]

    def _keep(self, texts: Iterable[str], scope: Scope) -> None:
        for text in texts:
            if self._is_said(text):
                self.texts[text].add(scope.module.name)

    @staticmethod
    def _is_said(text: str) -> bool:
        """A name, a statement of SQL, a part of a page or a command is no text for people."""
        words = text.replace(_PLACE, " ")
        if _PLACE not in text and all(word[0].isupper() for word in words.split()):
            return False
        if " " not in text.strip() or "<" in text or " data-" in text or "listen_addresses" in text:
            return False
        return (
            len("".join(_WORD.findall(words))) >= _FEWEST
            and not _IS_SQL.search(text)
            and not _IS_COMMAND.fullmatch(text)
        )

    def _ways(self, value: ast.expr, scope: Scope, seen: frozenset[int] = frozenset()) -> list[str]:
        """How a text may be put together."""
        if id(value) in seen or len(seen) > 14:
            return [_PLACE]
        seen |= {id(value)}
        match value:
            case ast.Constant(value=str(text)):
                return [text.replace("{", "{{").replace("}", "}}")]
            case ast.JoinedStr(values=parts):
                return _joined([self._part(part, scope, seen) for part in parts])
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _joined([self._ways(left, scope, seen), self._ways(right, scope, seen)])
            case ast.BinOp(left=ast.Constant(value="s"), op=ast.Mult()):
                return ["(s)"]
            case ast.IfExp(body=body, orelse=orelse):
                ways = [*self._ways(body, scope, seen), *self._ways(orelse, scope, seen)]
                return ["(s)"] if set(ways) == {"s", ""} else ways
            case ast.BoolOp(values=values):
                return [way for one in values for way in self._ways(one, scope, seen)]
            case ast.Name(id=name):
                return self._named(name, scope, seen)
            case ast.Attribute(value=ast.Name(id=owner), attr=name):
                return self._of(owner, name, scope, seen)
            case ast.Subscript(value=source):
                return self._values(source, scope, seen)
            case ast.Call():
                return self._called(value, scope, seen)
            case ast.Await(value=inner):
                return self._ways(inner, scope, seen)
        return [_PLACE]

    def _of(self, owner: str, name: str, scope: Scope, seen: frozenset[int]) -> list[str]:
        """A member of an enumeration, a constant of a module, or a field of a value."""
        if owner in self.classes:
            module, one = self.classes[owner]
            found = [(module, step.value) for step in one.body if _binds(step, name)]
        elif name.islower():
            self._todo += [(one, name, False, "") for one in self._with_field(owner, name, scope)]
            return [_PLACE]
        else:
            found = [(m, m.constants[name]) for m in self.constants[name] if name.isupper()]
        return self._ways(found[0][1], self._scope(found[0][0], None), seen) if len(found) == 1 else [_PLACE]

    def _with_field(self, owner: str, name: str, scope: Scope) -> list[str]:
        """The values that may be meant: those of the same module."""
        return [
            one.name
            for one in scope.module.classes
            if any(isinstance(s, ast.AnnAssign) and name_of(s.target) == name for s in one.body)
        ]

    def _part(self, part: ast.expr, scope: Scope, seen: frozenset[int]) -> list[str]:
        """A part of an f-string. What is said in a place by other code is a text of its own."""
        if not isinstance(part, ast.FormattedValue):
            return self._ways(part, scope, seen)
        ways = self._ways(part.value, scope, seen)
        short = all(_PLACE not in way for way in ways) and len(ways) <= 4 and "\n" not in "".join(ways)
        inline = isinstance(part.value, ast.IfExp | ast.BinOp | ast.Name | ast.BoolOp | ast.Subscript)
        if short and inline:
            return ways
        if isinstance(part.value, ast.IfExp | ast.BinOp) and len(ways) <= 4:
            return ways
        self._keep(ways, scope)
        return [_PLACE]

    def _named(self, name: str, scope: Scope, seen: frozenset[int]) -> list[str]:
        bound = [way for one in scope.assigned[name] for way in self._ways(one, scope, seen)]
        for source in scope.looped[name]:
            bound += self._items(source, scope, seen)
        for source, at in scope.elements[name]:
            bound += self._element(source, at, scope, seen)
        for source, at in scope.taken_apart[name]:
            bound += self._each_element(source, at, scope, seen)
        if name in scope.params and scope.function is not None:
            only = scope.module.name if scope.function.name.startswith("_") else ""
            called = scope.function.name
            if called == "__init__":
                called = next((c.name for c in scope.module.classes if scope.function in c.body), called)
            if called not in _PUT_AWAY:
                self._todo.append((called, name, False, only))
            bound.append(_PLACE)
        if not bound:
            constant = self._constant(name, scope)
            if constant is not None:
                return self._ways(*constant, seen)
        return bound or [_PLACE]

    def _constant(self, name: str, scope: Scope) -> tuple[ast.expr, Scope] | None:
        if name in scope.module.constants:
            return scope.module.constants[name], self._scope(scope.module, None)
        found = self.constants[name] if not name.startswith("_") else []
        return (found[0].constants[name], self._scope(found[0], None)) if len(found) == 1 else None

    def _element(self, source: ast.expr, at: int, scope: Scope, seen: frozenset[int]) -> list[str]:
        """One of several that are taken apart."""
        match source:
            case ast.Tuple(elts=elts) if at < len(elts):
                return self._ways(elts[at], scope, seen)
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._element(body, at, scope, seen), *self._element(orelse, at, scope, seen)]
            case ast.BoolOp(values=values):
                return [way for one in values for way in self._element(one, at, scope, seen)]
            case ast.Name(id=name) if constant := self._constant(name, scope):
                return self._element(constant[0], at, constant[1], seen)
            case ast.Call(func=ast.Attribute(value=table, attr="get"), args=[_, *default]):
                rows = [*self._rows(table, scope), *((one, scope) for one in default)]
                return [way for row, home in rows for way in self._element(row, at, home, seen)]
            case ast.Call(func=ast.Attribute(attr="fromkeys"), args=[_, each]):
                return self._element(each, at, scope, seen)
            case ast.Call(func=func):
                found = self._called_functions(name_of(func), scope)
                return [
                    way
                    for module, function in found
                    for made in _returned(function)
                    for way in self._element(made, at, self._scope(module, function), seen)
                ]
            case ast.Subscript(value=table):
                return [way for row, home in self._rows(table, scope) for way in self._element(row, at, home, seen)]
        return [_PLACE]

    def _rows(self, table: ast.expr, scope: Scope) -> list[tuple[ast.expr, Scope]]:
        """The values of a table, whichever it is."""
        match table:
            case ast.Dict(values=values):
                return [(one, scope) for one in values]
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._rows(body, scope), *self._rows(orelse, scope)]
            case ast.Name(id=name) if name in scope.assigned:
                return [row for one in scope.assigned[name] for row in self._rows(one, scope)]
            case ast.Name(id=name) if constant := self._constant(name, scope):
                return self._rows(*constant)
        return []

    def _each_element(self, source: ast.expr, at: int, scope: Scope, seen: frozenset[int]) -> list[str]:
        """One of each of several: of a table's items, of a list of pairs."""
        match source:
            case ast.Call(func=ast.Attribute(value=table, attr="items")) if at == 1:
                return [way for row, home in self._rows(table, scope) for way in self._ways(row, home, seen)]
            case ast.Name(id=name) if constant := self._constant(name, scope):
                rows, home = constant
                if isinstance(rows, ast.List | ast.Tuple):
                    return [way for one in rows.elts for way in self._element(one, at, home, seen)]
        return [_PLACE]

    def _values(self, source: ast.expr, scope: Scope, seen: frozenset[int]) -> list[str]:
        """Of a table that is asked for a key."""
        if isinstance(source, ast.Name | ast.Attribute):
            constant = self._constant(source.id if isinstance(source, ast.Name) else source.attr, scope)
            if constant is not None:
                source, scope = constant
        if isinstance(source, ast.Call) and source.args:
            source = source.args[0]
        if isinstance(source, ast.Dict):
            return [way for one in source.values for way in self._ways(one, scope, seen)]
        return self._items(source, scope, seen) if isinstance(source, ast.Tuple | ast.List) else [_PLACE]

    def _called(self, call: ast.Call, scope: Scope, seen: frozenset[int]) -> list[str]:
        name = name_of(call.func)
        if name == "str" and call.args:
            return self._ways(call.args[0], scope, seen)
        if isinstance(call.func, ast.Attribute):
            if name == "join" and call.args:
                self._keep(self._items(call.args[0], scope, seen), scope)
                return [_PLACE]
            if name == "format":
                return [_FIELD.sub(_PLACE, way) for way in self._ways(call.func.value, scope, seen)]
            if name == "get" and len(call.args) == 2:
                return [*self._values(call.func.value, scope, seen), *self._ways(call.args[1], scope, seen)]
        if name == "next" and call.args:
            return [way for one in call.args for way in (*self._items(one, scope, seen), *self._ways(one, scope, seen))]
        ways = [
            way
            for module, function in self._called_functions(name, scope)
            for made in _returned(function)
            for way in self._ways(made, self._scope(module, function), seen)
        ]
        return ways or [_PLACE]

    def _called_functions(self, name: str, scope: Scope) -> list[tuple[Module, Function]]:
        found = self.functions.get(name, [])
        mine = [(module, function) for module, function in found if module is scope.module]
        if mine or name.startswith("_"):
            return mine
        return found if len(found) <= 3 else []

    def _items(self, value: ast.expr, scope: Scope, seen: frozenset[int] = frozenset()) -> list[str]:
        """Texts in a list."""
        if id(value) in seen or len(seen) > 14:
            return []
        inner = seen | {id(value)}
        match value:
            case ast.List(elts=elts) | ast.Tuple(elts=elts) | ast.Set(elts=elts):
                return [way for one in elts for way in self._item(one, scope, inner)]
            case ast.ListComp(elt=elt) | ast.GeneratorExp(elt=elt) | ast.SetComp(elt=elt):
                return self._ways(elt, scope, inner)
            case ast.Starred(value=source):
                return self._items(source, scope, inner)
            case ast.BinOp(left=left, right=right):
                return [*self._items(left, scope, inner), *self._items(right, scope, inner)]
            case ast.IfExp(body=body, orelse=orelse):
                return [*self._items(body, scope, inner), *self._items(orelse, scope, inner)]
            case ast.BoolOp(values=values):
                return [way for one in values for way in self._items(one, scope, inner)]
            case ast.Subscript(value=source):
                return self._items(source, scope, inner)
            case ast.Name(id=name):
                return self._listed(name, scope, inner)
            case ast.Call(func=func, args=args):
                name = name_of(func)
                if name in _ITEMS_OF and args:
                    return self._items(args[-1], scope, inner)
                return [
                    way
                    for module, function in self._called_functions(name, scope)
                    for way in self._made(function, self._scope(module, function), inner)
                ]
        return []

    def _item(self, one: ast.expr, scope: Scope, seen: frozenset[int]) -> list[str]:
        return self._items(one, scope, seen) if isinstance(one, ast.Starred) else self._ways(one, scope, seen)

    def _listed(self, name: str, scope: Scope, seen: frozenset[int]) -> list[str]:
        found = [way for one in scope.assigned[name] for way in self._items(one, scope, seen)]
        found += [way for one in scope.items[name] for way in self._item(one, scope, seen)]
        if name in scope.params and scope.function is not None:
            only = scope.module.name if scope.function.name.startswith("_") else ""
            self._todo.append((scope.function.name, name, True, only))
        if not found:
            constant = self._constant(name, scope)
            if constant is not None:
                found = self._items(*constant, seen)
        return found

    def _made(self, function: Function, scope: Scope, seen: frozenset[int]) -> Iterator[str]:
        """What a function yields, or the list it returns."""
        for node in walk(function):
            if isinstance(node, ast.Yield) and node.value is not None:
                yield from self._ways(node.value, scope, seen)
            elif isinstance(node, ast.YieldFrom | ast.Return) and node.value is not None:
                yield from self._items(node.value, scope, seen)


def _joined(parts: list[list[str]]) -> list[str]:
    """Every way, unless they are too many: then what differs is a place. Neighbouring places are one."""
    count = 1
    for at, ways in enumerate(parts):
        unique = list(dict.fromkeys(ways))
        parts[at] = unique if count * len(unique) <= _MOST else [_PLACE]
        count *= len(parts[at])
    return [re.sub(r"(\{\}){2,}", _PLACE, "".join(way)) for way in product(*parts)]


def _returned(function: Function) -> list[ast.expr]:
    return [n.value for n in walk(function) if isinstance(n, ast.Return) and n.value is not None]


def _binds(step: ast.stmt, name: str) -> TypeGuard[ast.Assign]:
    return isinstance(step, ast.Assign) and name_of(step.targets[0]) == name
