"""`make bench`: throughput and latency, one JSON line a figure, each beside a reference measured in the same run.

Runs every module beside this one that has a function ``benchmark() -> Iterator[dict]``.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")  # as every service runs; numpy reads it when it is first imported

from tests.figures import print_figures


def main() -> int:
    """Run the benchmarks; 1 where one broke."""
    ask = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    ask.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run; all where left out")
    return print_figures("bench", Path(__file__).resolve().parent, "benchmark", ask.parse_args().names)


if __name__ == "__main__":
    sys.exit(main())
