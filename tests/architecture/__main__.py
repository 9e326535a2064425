# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.architecture`: the house as it stands."""

from __future__ import annotations

from statistics import median

from tests.architecture import house


def main() -> None:
    lengths, functions = house.files(), house.functions()
    print("rooms and their arrows")
    drawn = house.arrows()
    for room in sorted(house.rooms()):
        print(f"  {room:10} → {', '.join(sorted(drawn.get(room, ()))) or '—'}")
    print(f"circles of modules: {len(house.circles(house.imports()))}, of rooms: {len(house.circles(drawn))}")
    print(f"files: {len(lengths)}, median {median(n for n, _ in lengths):.0f} lines, longest {lengths[0]}")
    print(f"longest function: {functions[0]}")
    print(f"most complex: {max(functions, key=lambda f: f.complexity)}")
    print(f"most parameters: {max(functions, key=lambda f: f.parameters)}")


if __name__ == "__main__":
    main()
