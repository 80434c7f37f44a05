"""How well dedup tells copies from other reports: edits made by rule are copies, other articles of a topic are not."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.contracts.dateline.v1.article_pb2 import Article, Source, UniqueArticle, Verdict
from services.contracts.ids import article_id, lineage_id
from services.contracts.topics import ARTICLES_RAW
from services.dedup.service import build
from services.runtime.stage import Message, Stage

START = datetime(2025, 2, 10, tzinfo=UTC)
SEED = 20_250_210
COPIES = ("exact-copy", "near-copy")
FILLERS = ("early", "late", "new", "senior", "local", "former", "further", "same", "large", "major", "recent")
TEMPLATES = (
    "TREASURY BALANCES {month} {n2}. WASHINGTON - The Treasury's operating cash balance stood at ${n3}.{n1} billion on "
    "{month} {n2}, compared with ${n3b}.{n1b} billion a day earlier. Total debt subject to limit was ${n4} billion.",
    "A magnitude {n1}.{n1b} earthquake struck {place} on {day}, the U.S. Geological Survey said. The quake hit at a "
    "depth of {n2} km, about {n3} km from {place2}. There were no immediate reports of damage or casualties.",
    "{company} shares closed {n1}.{n2} percent higher at {n3}.{n2b} on {day} in {place} trading. Volume was {n4} "
    "shares, against a thirty-day average of {n4b}. The stock has risen {n2c} percent since the start of the year.",
    "Forecast for {place}: mostly cloudy on {day} with a high of {n2} degrees and a low of {n2b}. Winds from the west "
    "at {n1} miles an hour. Chance of rain {n2c} percent. Outlook for the following day: sunny with a high of {n2d}.",
    "Winning numbers drawn in {place} on {day} evening: {n2}, {n2b}, {n2c}, {n2d}, {n1}. Estimated jackpot: ${n3} "
    "million. Overall odds of winning any prize are one in {n1b}. The next drawing will be held in two days.",
    "{company} on {day} reported quarterly earnings of ${n3} million. The {place}-based company said it had net income "
    "of {n2} cents a share. Revenue was ${n3b} million in the period. {company} shares have climbed {n2b} percent.",
)


def evaluate(shared: Path) -> Iterator[dict[str, object]]:
    """Yield recall for each kind of edit, and how many other reports and template stories are called copies."""
    rng = random.Random(SEED)
    with gzip.open(shared / "data" / "ecbplus-dev" / "articles.jsonl.gz", "rt") as lines:
        articles = [json.loads(line) for line in lines]
    texts = [(article["title"], article["body"]) for article in articles]

    stage = build()
    verdicts = [_tell(stage, number, title, text) for number, (title, text) in enumerate(texts)]
    pairs = [(articles[number], verdict) for number, verdict in enumerate(verdicts) if verdict.decision in COPIES]
    named = {article_id(lineage_id("eval.example", str(number)), 1): article for number, article in enumerate(articles)}
    yield {
        "name": "copies.ecbplus_called_copies",
        "value": len(pairs),
        "of": len(articles),
        "other_event": sum(article["cluster"] != named[verdict.of_article_id]["cluster"] for article, verdict in pairs),
        "pairs": [
            f"{article['id']} ~ {named[verdict.of_article_id]['id']} {verdict.decision} J={verdict.similarity:.2f}"
            for article, verdict in pairs
        ],
    }
    originals = [number for number, verdict in enumerate(verdicts) if verdict.decision not in COPIES]
    for kind, edit in EDITS.items():
        right = called = 0
        for position, number in enumerate(originals):
            title, text = edit(*texts[number], rng)
            verdict = _ask(stage, f"{kind} {position}", title, text)
            called += verdict.decision in COPIES
            right += verdict.of_article_id == article_id(lineage_id("eval.example", str(number)), 1)
        yield {
            "name": f"copies.{kind}",
            "value": round(right / len(originals), 4),
            "unit": "recall",
            "precision": round(right / called, 4) if called else None,
            "cases": len(originals),
        }
    yield _templates(rng)


def _templates(rng: random.Random) -> dict[str, object]:
    stage = build()
    called = 0
    total = 40 * len(TEMPLATES)
    examples = []
    for number in range(total):
        text = _from_template(TEMPLATES[number % len(TEMPLATES)], rng)
        verdict = _tell(stage, number, text[:40], text)
        if verdict.decision in COPIES:
            called += 1
            examples.append(f"J={verdict.similarity:.2f} {text[:70]}")
    return {
        "name": "copies.template_stories_called_copies",
        "value": called,
        "of": total,
        "examples": examples[:5],
    }


def _from_template(template: str, rng: random.Random) -> str:
    def fill(match: re.Match[str]) -> str:
        slot = match.group(1)
        if slot.startswith("n"):
            digits = int(slot[1])
            return str(rng.randint(10 ** (digits - 1), 10**digits - 1))
        choices = {
            "month": ["Feb.", "March", "April", "May"],
            "day": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"],
            "place": ["Tonga", "Lisbon", "Manila", "Quito", "Athens", "Osaka", "Lima", "Izmir"],
            "company": ["Acme Steel", "Borealis Air", "Corvo Foods", "Delphi Mining", "Estrel Bank"],
        }
        return rng.choice(choices[slot.rstrip("23")])

    return re.sub(r"\{(\w+)\}", fill, template)


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.!?]) +", text)


def _swap_words(share: float) -> Callable[[str, str, random.Random], tuple[str, str]]:
    """Replace a share of the lower-case words, as an editor might: names and numbers stay."""

    def edit(title: str, text: str, rng: random.Random) -> tuple[str, str]:
        words = text.split()
        plain = [at for at, word in enumerate(words) if word.islower() and word.isalpha()]
        for at in rng.sample(plain, min(len(plain), round(share * len(words)))):
            words[at] = rng.choice(FILLERS)
        return title, " ".join(words)

    return edit


def _cut(kept: float) -> Callable[[str, str, random.Random], tuple[str, str]]:
    """Keep the first sentences, as editors cut from the end."""

    def edit(title: str, text: str, rng: random.Random) -> tuple[str, str]:
        sentences = _sentences(text)
        return title, " ".join(sentences[: max(1, round(kept * len(sentences)))])

    return edit


def _drop_some(title: str, text: str, rng: random.Random) -> tuple[str, str]:
    sentences = _sentences(text)
    return title, " ".join(s for s in sentences if rng.random() >= 0.2) or text


EDITS: dict[str, Callable[[str, str, random.Random], tuple[str, str]]] = {
    "typography": lambda title, text, rng: (title, f"  {text.upper()}\n".replace("'", "’").replace(" - ", " — ")),
    "headline": lambda title, text, rng: ("Our correspondent reports: what we know so far", text),
    "prefix_and_suffix": lambda title, text, rng: (
        title,
        f"LONDON (Wire) - {text} Reporting by our staff; editing by the desk. Follow us for more stories.",
    ),
    "words_2_percent": _swap_words(0.02),
    "words_5_percent": _swap_words(0.05),
    "words_10_percent": _swap_words(0.10),
    "cut_to_70_percent": _cut(0.7),
    "cut_to_50_percent": _cut(0.5),
    "cut_to_30_percent": _cut(0.3),
    "sentences_dropped": _drop_some,
}


def _message(name: str, title: str, text: str, when: datetime) -> Message:
    lineage = lineage_id("eval.example", name)
    article = Article(
        id=article_id(lineage, 1),
        lineage_id=lineage,
        revision=1,
        source=Source(domain="eval.example"),
        title=title,
        text=text,
        language="en",
    )
    return Message(ARTICLES_RAW, "en", article, article.id, when)


def _tell(stage: Stage, number: int, title: str, text: str) -> Verdict:
    """Give the stage an article to keep; return its verdict."""
    message = _message(str(number), title, text, START + timedelta(minutes=number))
    outcome = stage.handle(message, START)
    for write in outcome.writes:
        stage.apply(write)
    return _verdict(outcome.emits[0].value)


def _ask(stage: Stage, name: str, title: str, text: str) -> Verdict:
    """Return what the stage would say of an article, without its keeping it."""
    return _verdict(stage.handle(_message(name, title, text, START + timedelta(hours=8)), START).emits[0].value)


def _verdict(value: object) -> Verdict:
    verdict = value.verdict if isinstance(value, UniqueArticle) else value
    assert isinstance(verdict, Verdict)
    return verdict
