# SPDX-License-Identifier: GPL-3.0-or-later
"""The house measured from its own imports and definitions: rooms, arrows, circles, sizes.

A room is what stands directly in `station/`: a folder or a module. An arrow is an import from one room into another;
imports for type checking count. A circle is a group of modules that import each other.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parent.parent.parent
STATION = ROOT / "station"
_DEFINITION = re.compile(r"^( *)(?:async )?(def|class) ", re.MULTILINE)
_BRANCHING = re.compile(r"\b(?:if|elif|for|while|except|case|assert|and|or)\b")
_BRANCHES = (ast.If, ast.For, ast.While, ast.ExceptHandler, ast.IfExp, ast.comprehension, ast.match_case, ast.Assert)


@dataclass(frozen=True, slots=True, order=True)
class Function:
    """`lines` from `def` to its end; `complexity` is McCabe's: 1 and one for each branch; `parameters` without self."""

    lines: int
    complexity: int
    parameters: int
    where: str


@cache
def imports() -> Mapping[str, frozenset[str]]:
    """Each module of the station, and the modules of the station that it imports."""
    graph = grimp.build_graph("station", exclude_type_checking_imports=False, cache_dir=None)
    return {module: frozenset(graph.find_modules_directly_imported_by(module)) for module in graph.modules}


def room_of(module: str) -> str:
    """`station.targets.esp.link` is in the room `targets`; the package's own `__init__` in none."""
    _, _, inside = module.partition(".")
    return inside.partition(".")[0]


def rooms() -> set[str]:
    return {room_of(module) for module in imports()} - {""}


def arrows() -> dict[str, set[str]]:
    """From each room, the rooms that it imports."""
    found: dict[str, set[str]] = defaultdict(set)
    for module, imported in imports().items():
        for other in imported:
            if room_of(module) and room_of(other) and room_of(module) != room_of(other):
                found[room_of(module)].add(room_of(other))
    return found


def circles(graph: Mapping[str, frozenset[str] | set[str]]) -> list[list[str]]:
    """Groups that reach each other: whatever is left when all that leads nowhere is taken away, and again backwards."""
    reach = {node: _reached(graph, node) for node in graph}
    groups = {frozenset({node} | {n for n in reach[node] if node in reach.get(n, ())}) for node in graph}
    return sorted(sorted(group) for group in groups if len(group) > 1)


def _reached(graph: Mapping[str, frozenset[str] | set[str]], start: str) -> set[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        for node in graph.get(todo.pop(), ()):
            if node not in seen:
                seen.add(node)
                todo.append(node)
    return seen


def files() -> list[tuple[int, str]]:
    """Lines and path of each source file, longest first."""
    found = [(len(path.read_text().splitlines()), str(path.relative_to(ROOT))) for path in STATION.rglob("*.py")]
    return sorted(found, reverse=True)


def functions(lines: int = 0, complexity: int = 0) -> list[Function]:
    """Longest first; at least all that are of more lines or more complex. To parse every file is four seconds, and few
    have such a one by what its text can be at most."""
    paths = [path for path in STATION.rglob("*.py") if may_exceed(path.read_text(), lines, complexity)]
    return sorted((function for path in paths for function in _functions_in(path)), reverse=True)


def may_exceed(source: str, lines: int, complexity: int) -> bool:
    """A function reaches to the next definition that is not inside it, or less far."""
    found = list(_DEFINITION.finditer(source))
    for number, one in enumerate(found):
        following = (other.start() for other in found[number + 1 :] if len(other[1]) <= len(one[1]))
        text = source[one.start() : next(following, len(source))]
        if one[2] == "def" and (text.count("\n") > lines or len(_BRANCHING.findall(text)) >= complexity):
            return True
    return False


def _functions_in(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            given = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            yield Function(
                lines=(node.end_lineno or node.lineno) - node.lineno + 1,
                complexity=_complexity(node),
                parameters=sum(argument.arg not in ("self", "cls") for argument in given),
                where=f"{path.relative_to(ROOT)}:{node.name}",
            )


def _complexity(function: ast.AST) -> int:
    ways = 1
    for node in ast.walk(function):
        if isinstance(node, _BRANCHES):
            ways += 1
        elif isinstance(node, ast.BoolOp):
            ways += len(node.values) - 1
    return ways
