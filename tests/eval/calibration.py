"""Whether a confidence of 0.8 is right eight times in ten: fitting its coefficients, and measuring them.

    python -m tests.eval.calibration fit         fit the coefficients; write services/extractor/ontology/confidence.tsv
    python -m tests.eval.calibration unjudged    mentions of the sample that nobody has judged, to append to judged.tsv

Fitted to mentions of the open half of the marked articles, of a sample of other ECB+ articles and, with a smaller say,
of the sample newsroom and the founding articles; never to the held-out half. A mention is right when it tells an event
that is marked, under its type or a near one, in a marked sentence or in another one with its people. In the sample each
was judged by reading its sentence (``marks/judged.tsv``). In the newsroom and the founding articles a mention is right
when its type is near one of those that the text tells (``marks/told_types.tsv``).
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from services.contracts.dateline.v1.article_pb2 import ArticleRef
from services.contracts.dateline.v1.event_pb2 import Mention
from services.contracts.instants import from_rfc3339, from_timestamp
from services.extractor import confidence
from services.extractor.drafts import Draft
from services.extractor.mentions import mentions as mentions_of
from services.extractor.nlp import Parser, default_parser
from services.extractor.reading import Text, read
from tests.eval.aligning import Aligned, align
from tests.eval.marked_events import FOLDER, HALVES, MarkedArticle, digest, load, near, stale
from tests.eval.marked_texts import SEED, WORDS, NewsText, texts
from tests.eval.storylines import ECB_DAYS, sample_articles

SHARED = Path(__file__).resolve().parents[3] / "shared"
TABLE = Path(confidence.__file__).parent / "ontology" / "confidence.tsv"
BINS = 5
"""Bins of equal size for the reliability: the expected calibration error of Naeini et al. 2015, adaptive bins."""
SAMPLED = 60
SAMPLED_TO = 2_000
"""Articles of the sample, and how many characters of each are read."""
JUDGED = FOLDER / "judged.tsv"
OTHER_SAY = 0.1
"""Weight of all mentions of newsroom and founding articles together, those of the marked articles counting 1.

The rules were written with these texts at hand, so hardly a mention of them is wrong: they keep what is sure sure.
"""
PENALTIES = (0.3, 1.0, 3.0, 10.0, 30.0)
"""L2 penalties that are tried; the one that predicts left-out articles best is taken."""
MEANINGS = {
    "base": "every mention",
    "unambiguous": "the pattern's words hardly ever mean something else: weight 3 in triggers.tsv",
    "noun": "a noun names the event",
    "dated": "the text says when",
    "place": "the place is known",
    "title": "in the headline",
    "repeated": "the article has another mention of the type",
    "topic": "it has another mention of the topic",
    "attributed": "the sentence is what somebody says",
}
SIGNS = {"unambiguous": 1, "dated": 1, "place": 1, "title": 1, "repeated": 1, "topic": 1}
"""What a feature may do to confidence: one that the few marks would turn round counts nothing."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A mention and whether it is right."""

    article: str
    evidence: Mapping[str, float]
    confidence: float
    right: bool
    spurious: bool


@dataclass(slots=True)
class Half:
    """All that one half gives for measuring a threshold."""

    judged: list[Judged]
    articles: list[tuple[MarkedArticle, list[Mention]]]


def _drafts(parser: Parser, title: str, text: str, published: datetime) -> list[Draft]:
    (found,) = read([Text(title, text, published)], parser, "full")
    if isinstance(found, Exception):
        raise found
    return found.drafts


def read_half(half: str, shared: Path, parser: Parser) -> Half:
    """Return the mentions of a half of the marked articles, judged."""
    every = texts(shared)
    found = Half([], [])
    for article in load(half):
        text = every.get(article.key)
        if text is None or stale(article, text):
            continue
        published = datetime.fromisoformat(article.published).replace(hour=18, tzinfo=UTC)
        drafts = _drafts(parser, text.title, text.text, published)
        among = confidence.company(drafts)
        mentions = mentions_of(drafts, ArticleRef(id=article.key))
        aligned = align(article, mentions)
        verdicts = _verdicts(article, aligned)
        found.articles.append((article, mentions))
        for draft, mention in zip(drafts, mentions, strict=True):
            if mention.id in verdicts:
                right, spurious = verdicts[mention.id]
                found.judged.append(
                    Judged(article.key, confidence.evidence(draft, among), mention.confidence, right, spurious)
                )
    return found


def _verdicts(article: MarkedArticle, aligned: Aligned) -> dict[str, tuple[bool, bool]]:
    """Return by id whether each mention of the marked stretch is right, and whether it is spurious."""
    types = {each for event in article.events for each in event.types}
    return (
        {mention.id: (True, False) for mention in aligned.matched}
        | {mention.id: (mention.type in types, False) for mention in aligned.loose}
        | {mention.id: (False, True) for mention in aligned.spurious}
    )


def sampled(shared: Path) -> list[NewsText]:
    """Return the ECB+ articles, none of them marked, of which every mention is judged."""
    marked = {article.key for half in HALVES for article in load(half)}
    every = [text for key, text in sorted(texts(shared).items()) if key.startswith("ecbplus-dev/")]
    fit_for = [text for text in every if text.key not in marked and len(text.text.split()) >= WORDS[0]]
    return random.Random(SEED).sample(fit_for, SAMPLED)


def read_sample(shared: Path, parser: Parser) -> tuple[list[Judged], list[str]]:
    """Return the mentions of the sample that are judged, and a row for each that is not, its sentence last."""
    rows = (line.split("\t") for line in JUDGED.read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    verdicts = {tuple(row[:4]): row[4] == "+" for row in rows}
    found, unjudged = [], []
    for text in sampled(shared):
        drafts = _drafts(parser, text.title, text.text[:SAMPLED_TO], ECB_DAYS["ecbplus"])
        among = confidence.company(drafts)
        for draft in drafts:
            where = f"{'t' if draft.sentence.in_title else ''}{draft.sentence.start + draft.trigger.token.idx}"
            key = (text.key, where, draft.type, digest(draft.sentence.text))
            if key in verdicts:
                found.append(_judged(text.key, draft, among, right=verdicts[key]))
            else:
                unjudged.append(
                    "\t".join((*key, "?", f"{draft.status.value} [{draft.trigger.token}] {draft.sentence.text}"))
                )
    return found, unjudged


def read_others(shared: Path, parser: Parser) -> list[Judged]:
    """Return the mentions of sample newsroom and founding articles, judged by the types that their texts tell."""
    told = _told_types()
    found = []
    for sample, article in sample_articles():
        drafts = _drafts(parser, article.title, article.text, from_timestamp(article.published_at.at))
        found += _by_type(sample.id, drafts, told[sample.storyline])
    gold = json.loads((shared / "gold" / "seed-events.json").read_text(encoding="utf-8"))
    for row in gold["articles"]:
        text = (shared / "seeds" / row["file"]).read_text(encoding="utf-8")
        drafts = _drafts(parser, row["title"], text, from_rfc3339(row["published_at"]))
        found += _by_type(row["file"], drafts, told[row["file"]])
    return found


def _told_types() -> dict[str, list[str]]:
    lines = (FOLDER / "told_types.tsv").read_text(encoding="utf-8").splitlines()
    return {line.split("\t")[0]: line.split("\t")[1].split() for line in lines if not line.startswith("#")}


def _by_type(key: str, drafts: Sequence[Draft], types: Sequence[str]) -> list[Judged]:
    among = confidence.company(drafts)
    return [_judged(key, draft, among, right=any(near(draft.type, each) for each in types)) for draft in drafts]


def _judged(key: str, draft: Draft, among: confidence.Company, *, right: bool) -> Judged:
    values = confidence.evidence(draft, among)
    return Judged(key, values, confidence.confidence(draft, among), right, not right)


def fit(marked: Sequence[Judged], others: Sequence[Judged]) -> tuple[dict[str, float], float, float]:
    """Return the coefficients, the penalty taken, and the log loss on marked articles that were left out in turn."""
    names = list(MEANINGS)
    both = [*marked, *others]
    values = np.array([[each.evidence[name] for name in names] for each in both])
    right = np.array([each.right for each in both], dtype=float)
    weights = np.concatenate(
        [np.ones(len(marked)), np.full(len(others), OTHER_SAY * len(marked) / max(1, len(others)))]
    )
    articles = np.array([each.article for each in both])
    losses = {}
    for penalty in PENALTIES:
        loss = 0.0
        for article in sorted({each.article for each in marked}):
            out = articles == article
            beta = _solve(values[~out], right[~out], weights[~out], penalty)
            chance = 1 / (1 + np.exp(-values[out] @ beta))
            loss -= float(np.sum(np.log(np.where(right[out] > 0, chance, 1 - chance))))
        losses[penalty] = loss / len(marked)
    best = min(losses, key=lambda penalty: losses[penalty])
    beta = _solve(values, right, weights, best)
    return {name: float(value) for name, value in zip(names, beta, strict=True)}, best, losses[best]


def _solve(values: Any, right: Any, weights: Any, penalty: float) -> Any:
    """Maximise the penalised likelihood under SIGNS: features that come out with the wrong sign are left out."""
    signs = np.array([SIGNS.get(name, 0) for name in MEANINGS])
    kept = np.ones(len(signs), dtype=bool)
    while True:
        beta = np.zeros(len(signs))
        beta[kept] = _newton(values[:, kept], right, weights, penalty)
        wrong = kept & (beta * signs < 0)
        if not wrong.any():
            return beta
        kept &= ~wrong


def _newton(values: Any, right: Any, weights: Any, penalty: float) -> Any:
    """Maximise the penalised likelihood by Newton's method; the first column, the base, is not penalised."""
    beta = np.zeros(values.shape[1])
    ridge = np.full(values.shape[1], penalty)
    ridge[0] = 1e-6
    for _ in range(50):
        chance = 1 / (1 + np.exp(-values @ beta))
        gradient = values.T @ (weights * (right - chance)) - ridge * beta
        curvature = (values.T * (weights * chance * (1 - chance))) @ values + np.diag(ridge)
        step = np.linalg.solve(curvature, gradient)
        beta = beta + step
        if float(np.abs(step).max()) < 1e-8:
            break
    return beta


def reliability(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return bins of equal size (mean confidence, share right, mentions), the calibration error and the Brier score."""
    order = sorted(judged, key=lambda each: each.confidence)
    bins = []
    error = 0.0
    for part in np.array_split(np.arange(len(order)), BINS):
        inside = [order[int(number)] for number in part]
        if inside:
            said = sum(each.confidence for each in inside) / len(inside)
            held = sum(each.right for each in inside) / len(inside)
            error += abs(said - held) * len(inside) / len(order)
            bins.append([round(said, 3), round(held, 3), len(inside)])
    brier = sum((each.confidence - each.right) ** 2 for each in order) / max(1, len(order))
    return {"mentions": len(order), "bins": bins, "calibration_error": round(error, 3), "brier": round(brier, 3)}


def at_threshold(half: Half, threshold: float) -> dict[str, Any]:
    """Return recall of events and the share of spurious mentions when those below ``threshold`` are left out."""
    sent = [each for each in half.judged if each.confidence >= threshold]
    events = found = 0
    for article, mentions in half.articles:
        aligned = align(article, [mention for mention in mentions if mention.confidence >= threshold])
        wanted = [number for number, event in enumerate(article.events) if not event.optional]
        events += len(wanted)
        found += sum(bool(aligned.told.get(number)) for number in wanted)
    return {
        "threshold": threshold,
        "mentions": len(sent),
        "recall": round(found / max(1, events), 3),
        "right": round(sum(each.right for each in sent) / max(1, len(sent)), 3),
        "spurious": round(sum(each.spurious for each in sent) / max(1, len(sent)), 3),
    }


def evaluate(shared: Path) -> Iterator[dict[str, Any]]:
    """Yield how far confidences hold on both halves, and what is left at thresholds: several on the open half."""
    parser = default_parser()
    for half in HALVES:
        found = read_half(half, shared, parser)
        yield {"name": f"extractor.confidence.{half}", **reliability(found.judged)}
        steps = [0.0, *(number / 20 for number in range(6, 20))] if half == "open" else []
        for threshold in sorted({*steps, 0.0, confidence.DEFAULT_THRESHOLD}):
            yield {"name": f"extractor.threshold.{half}", **at_threshold(found, threshold)}


def main(arguments: list[str]) -> int:
    """Fit and write the table; 2 where the command is not known."""
    if arguments not in (["fit"], ["unjudged"]):
        print(__doc__)
        return 2
    parser = default_parser()
    sample, unjudged = read_sample(SHARED, parser)
    if arguments == ["unjudged"]:
        print("\n".join(unjudged))
        return 0
    marked = [*read_half("open", SHARED, parser).judged, *sample]
    others = read_others(SHARED, parser)
    found, penalty, loss = fit(marked, others)
    right = [f"{len(judged)} mentions ({sum(each.right for each in judged)} right)" for judged in (marked, others)]
    lines = [
        "# How sure a mention is, 1 / (1 + exp(-sum of coefficient x value)): feature, coefficient, meaning, by tabs.",
        f"# Source: logistic regression (L2 penalty {penalty:g}) by `python -m tests.eval.calibration fit` on",
        f"# {right[0]} of the open half and the sample of tests/eval/marks, and {right[1]}",
        "# of newsroom and founding articles, these a tenth in all.",
        f"# Log loss on marked articles left out in turn: {loss:.3f}.",
        *(f"{name}\t{value + 0:.3f}\t{MEANINGS[name]}" for name, value in found.items()),
    ]
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
