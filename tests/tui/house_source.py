# SPDX-License-Identifier: GPL-3.0-or-later
"""The house's source as a reader of it needs it: what names stand for, where functions are called."""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

HOUSE = Path(__file__).parents[2] / "station"

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Scope:
    """Where an expression stands: its module, and the function around it, if any."""

    def __init__(self, module: Module, function: Function | None) -> None:
        self.module, self.function = module, function
        self.key = (module.name, function.lineno if function else 0)
        self.params = params_of(function) if function else []
        self.assigned: dict[str, list[ast.expr]] = defaultdict(list)
        self.items: dict[str, list[ast.expr]] = defaultdict(list)
        self.looped: dict[str, list[ast.expr]] = defaultdict(list)
        self.elements: dict[str, list[tuple[ast.expr, int]]] = defaultdict(list)
        self.taken_apart: dict[str, list[tuple[ast.expr, int]]] = defaultdict(list)  # one after the other
        for node in walk(function) if function else ():
            self._note(node)

    def _note(self, node: ast.AST) -> None:
        match node:
            case ast.Assign(targets=[target], value=value):
                self._bind(target, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self.assigned[name].append(value)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                self.assigned[name].append(value)
            case ast.AugAssign(target=ast.Name(id=name), value=value):
                self.items[name].append(ast.Starred(value=value))
                self.assigned[name].append(value)
            case ast.For(target=target, iter=source) | ast.comprehension(target=target, iter=source):
                if isinstance(target, ast.Name):
                    self.looped[target.id].append(source)
                elif isinstance(target, ast.Tuple):
                    for at, one in enumerate(target.elts):
                        if isinstance(one, ast.Name):
                            self.taken_apart[one.id].append((source, at))
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr=how), args=[value]):
                if how == "append":
                    self.items[name].append(value)
                elif how == "extend":
                    self.items[name].append(ast.Starred(value=value))

    def _bind(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Name):
            self.assigned[target.id].append(value)
        elif isinstance(target, ast.Tuple):
            for at, one in enumerate(target.elts):
                if isinstance(one, ast.Name):
                    self.elements[one.id].append((value, at))


class Module:
    def __init__(self, path: Path) -> None:
        self.name = ".".join(path.relative_to(HOUSE.parent).with_suffix("").parts)
        self.tree = ast.parse(path.read_text("utf-8"))
        self.constants: dict[str, ast.expr] = {}
        self.calls: list[tuple[ast.Call, Function | None, ast.ClassDef | None]] = []
        self.functions: list[Function] = []
        self.classes: list[ast.ClassDef] = []
        for node in self.tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.constants[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                self.constants[node.target.id] = node.value
        self._walk(self.tree, None, None)

    def _walk(self, node: ast.AST, function: Function | None, owner: ast.ClassDef | None) -> None:
        for child in _inside(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                self.functions.append(child)
                self._walk(child, child, owner)
                continue
            if isinstance(child, ast.ClassDef):
                self.classes.append(child)
                self._walk(child, function, child)
                continue
            if isinstance(child, ast.Call):
                self.calls.append((child, function, owner))
            self._walk(child, function, owner)


def walk(function: Function) -> list[ast.AST]:
    """As `ast.walk`, of what can hold a text."""
    found: list[ast.AST] = [function]
    for node in found:  # grows on the way
        found += _inside(node)
    return found


def _inside(node: ast.AST) -> list[ast.AST]:
    """The children but for what only says how a name is used and which operator stands there: half of a tree."""
    found: list[ast.AST] = []
    for value in vars(node).values():
        if type(value) is list:
            found += [one for one in value if isinstance(one, ast.AST) and one._fields]
        elif isinstance(value, ast.AST) and value._fields:
            found.append(value)
    return found


def params_of(function: Function) -> list[str]:
    args = function.args
    return [a.arg for a in (*args.posonlyargs, *args.args, *args.kwonlyargs)]


def name_of(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def base_of(one: ast.ClassDef) -> str:
    return name_of(one.bases[0]) if one.bases else ""
