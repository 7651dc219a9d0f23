"""Every claim about speed, measured now on this machine: ``python -m benchmarks [name ...]``."""

from __future__ import annotations

import importlib
import sys

from benchmarks.report import Row, print_table

BENCHMARKS = (
    "locate",
    "travel",
    "assign",
    "night",
    "routing",
    "competence",
    "triage",
    "deadlines",
    "build",
    "ledger",
    "deeds",
    "screen",
    "open311",
    "inspections",
    "plantab",
    "replans",
    "boston",
    "simulation",
    "experiments",
    "coverage",
    "busy",
)


def main(names: list[str]) -> int:
    """Run the named benchmarks, all of them without a name; 1 when a goal was missed, 2 for an unknown name."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        rows.extend(importlib.import_module(f"benchmarks.{name}").rows())
    print_table(rows)
    return 0 if all(row.met for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
