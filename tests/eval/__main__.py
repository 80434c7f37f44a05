"""`make eval`: quality on the development data, one JSON line a figure.

Runs every module beside this one that has a function ``evaluate(shared: Path) -> Iterator[dict]``.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.figures import print_figures

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Run the evaluations; 1 where one broke, 2 where there is no data."""
    ask = argparse.ArgumentParser(prog="python -m tests.eval", description=__doc__)
    ask.add_argument("--shared", type=Path, default=HERE.parents[2] / "shared", help="folder of the development data")
    ask.add_argument("--misses", action="store_true", help="tell single errors too, where an evaluation can")
    ask.add_argument("names", nargs="*", metavar="NAME", help="evaluations to run; all where left out")
    chosen = ask.parse_args()
    if not (chosen.shared / "data").is_dir():
        print(f"No development data at {chosen.shared}: name its folder, as in `make eval SHARED=FOLDER`.")
        return 2
    return print_figures("eval", HERE, "evaluate", chosen.names, chosen.shared, misses=chosen.misses)


if __name__ == "__main__":
    sys.exit(main())
