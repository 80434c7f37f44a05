"""`make chaos`: a long run of faults under a steady load, its figures as JSON lines; 1 where anything was wrong."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

import orjson

from tests.chaos.run import TOLD_PROBLEMS, NotSettledError, Plan, chaos


def main() -> int:
    """Run, print the figures, then what was wrong."""
    ask = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    ask.add_argument("--seed", type=int, default=1, help="of articles and schedule (default 1)")
    ask.add_argument("--faults", type=int, default=200, help="how many faults (default 200)")
    ask.add_argument("--articles", type=int, default=5_000, help="distinct articles; copies come on top (default 5000)")
    ask.add_argument("--workers", type=int, default=2, help="of each stage at the start (default 2)")
    ask.add_argument("--session", type=float, default=6.0, help="session timeout in seconds (default 6)")
    told = ask.parse_args()
    try:
        result = chaos(Plan(told.seed, told.faults, told.articles, told.workers, told.session))
    except NotSettledError as error:
        print(error, file=sys.stderr)
        return 1
    for figures in result.figures:
        print(orjson.dumps({"chaos": figures.pop("what"), **figures}).decode(), flush=True)
    if not result.problems and not result.unexpected:
        return 0
    for (check, harm), count in sorted(Counter((each.check, each.harm) for each in result.problems).items()):
        print(f"{check}: {count} {harm}", file=sys.stderr)
        of_check = [each for each in result.problems if (each.check, each.harm) == (check, harm)]
        for problem in of_check[:TOLD_PROBLEMS]:
            print(f"  {problem.id} {problem.what}", file=sys.stderr)
    print("\n".join((*result.unexpected, result.last_words)), file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
