"""Check that the contracts hold together: generated code is current, and nothing that was published breaks.

`python -m tests.contract.check_contracts`; ends with 1 and one line for each thing that is wrong.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

REPO = Path(__file__).resolve().parents[2]
GENERATED = REPO / "services" / "contracts" / "dateline"
BASELINE = REPO / "proto" / "baseline.binpb"


def stale_files(fresh: Path) -> list[str]:
    """Return the generated files that differ from what proto/ gives now."""
    names = {path.relative_to(folder) for folder in (fresh, GENERATED) for path in folder.rglob("*.py*")}
    return sorted(
        str(name)
        for name in names
        if "__pycache__" not in name.parts
        and not (
            (fresh / name).exists()
            and (GENERATED / name).exists()
            and (fresh / name).read_bytes() == (GENERATED / name).read_bytes()
        )
    )


def main() -> int:
    """Run both checks and say what is wrong."""
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        made = subprocess.run(
            ["make", "--no-print-directory", "proto", f"GENERATED_ROOT={folder}"],
            cwd=REPO,
            capture_output=True,
            text=True,
        )
        if made.returncode:
            problems.append(f"`make proto` failed:\n{made.stderr}")
        else:
            stale = stale_files(Path(folder) / "dateline")
            problems += [
                f"services/contracts/dateline/{name} is not what proto/ gives: run `make proto`" for name in stale
            ]
    buf = Path(sys.executable).parent / "buf"
    broken = subprocess.run([buf, "breaking", "proto", "--against", BASELINE], cwd=REPO, capture_output=True, text=True)
    if broken.returncode:
        problems.append(
            "proto/ breaks what was published (proto/baseline.binpb). Keep field numbers, names and types and add new "
            f"fields instead; if nobody depends on it yet, run `make proto-publish`:\n{broken.stdout}{broken.stderr}"
        )
    print("\n".join(problems) or "contracts: generated code is current, nothing published breaks")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
