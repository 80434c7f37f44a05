"""Reading the tab-separated tables of ``ontology/``: lines that begin with # are comments."""

from __future__ import annotations

from importlib.resources import files


def rows(name: str, *, columns: int) -> list[list[str]]:
    """Return the rows of the table ``name``, a path in ``ontology/``.

    Raises ValueError, naming file and line, for a row of another width.
    """
    text = files("services.extractor").joinpath("ontology", name).read_text(encoding="utf-8")
    found = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != columns:
            raise ValueError(f"{name} line {number}: {columns} tab-separated columns expected, {len(fields)} found")
        found.append(fields)
    return found
