"""Whatever is called an article is read within the limits: in part and with a note where it has to be."""

from __future__ import annotations

import base64
import random
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from services.extractor import reading
from services.extractor.nlp import Parser, default_parser
from services.extractor.reading import MAX_EVENTS, Reading, Text, read
from services.extractor.sentences import MAX_TOKENS
from services.extractor.stage import Extractor
from tests.unit.extractor.articles import PUBLISHED, unique

NEWS = "Turkish police arrested Leyla Demir in Izmir on Monday, officials said."
RTL = "\u0627\u0644\u0634\u0631\u0637\u0629 arrested \u202b\u05e9\u05dc\u05d5\u05dd\u202c"
MONSTERS: dict[str, Callable[[], str]] = {
    "a sentence of a megabyte": lambda: "police arrested a man and " * 40_000,
    "200 kB of different sentences": lambda: " ".join(
        f"Police number {n} arrested Ivo Maric and {n} others in Oslo." for n in range(3_500)
    ),
    "control characters": lambda: "".join(map(chr, range(32))) * 200 + NEWS + "\x7f\x85\xa0" * 500,
    "emoji": lambda: "🚀👩‍👩‍👧‍👦 arrested 🇺🇦 " * 3_000,
    "a table": lambda: "\n".join(f"{n}\t{n * 7}\tarrested\t{n % 9}.5%\t-" for n in range(4_000)),
    "code": lambda: "for (int i=0;i<n;i++){ strike(a[i]); launch(b->c, \"%d\\n\"); } " * 1_500,
    "right-to-left text": lambda: (RTL + " ") * 4_000,
    "zero width": lambda: "po\u200blice arr\u2060ested \ufeffa\u200d man " * 4_000,
    "100,000 commas": lambda: "," * 100_000,
    "commas between words": lambda: "arrested,freed," * 20_000,
    "nested quotes": lambda: "“He said ‘" * 5_000 + "arrested" + "’”" * 5_000,
    "nested brackets": lambda: "(" * 50_000 + "police arrested a man" + ")" * 50_000,
    "a giant word": lambda: "arrested" * 25_000,
    "a giant word in a sentence": lambda: f"Police arrested {'x' * 200_000} in Oslo.",
    "full stops": lambda: "." * 200_000,
    "full stops and spaces": lambda: ". " * 100_000,
    "quotation marks": lambda: '."' * 100_000 + "”" * 50_000,
    "spaces": lambda: " " * 500_000 + NEWS,
    "line breaks": lambda: "\n" * 500_000 + NEWS,
    "photo credits": lambda: "(photo " * 30_000,
    "calls to subscribe": lambda: "sign up " * 30_000,
    "not responding": lambda: "did not respond to requests " * 8_000,
    "capitals": lambda: "KYIV " * 40_000 + "(AP) — " + NEWS,
    "digits": lambda: "1,234,567.89 " * 20_000,
    "years": lambda: "in 2019 since May 2020, two days after " * 5_000,
    "names": lambda: " ".join(f"Anna{n} Berg{n % 50} met Ivo{n} Maric." for n in range(5_000)),
    "titles": lambda: "The president and the minister, the general, 35, met the US president. " * 3_000,
    "hyphens": lambda: "cease-fire-" * 30_000,
    "base64": lambda: base64.b64encode(random.Random(1).randbytes(150_000)).decode(),
    "combining marks": lambda: "a" + "\u0301" * 100_000 + " arrested",
    "lone surrogates": lambda: "\ud800 arrested \udfff " * 5_000,
    "no spaces": lambda: "警方逮捕了三名男子" * 10_000,
}  # fmt: skip


class Counting(Parser):
    """Counts the tokens that are parsed."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = 0

    def parse(self, texts: Sequence[str]) -> list[Doc]:
        docs = super().parse(texts)
        self.tokens += sum(map(len, docs))
        return docs


@pytest.fixture(scope="module")
def counting() -> Counting:
    return Counting()


@pytest.mark.parametrize("name", MONSTERS)
def test_a_monster_is_read_within_the_limits(name: str, counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    drafted = [0]
    whole = reading.draft

    def draft(*given: Any) -> Any:
        drafted[0] += 1
        return whole(*given)

    monkeypatch.setattr(reading, "draft", draft)
    counting.tokens = 0
    for depth in ("full", "lead"):
        drafted[0] = 0
        (found,) = read([Text("Police arrest a man", MONSTERS[name](), PUBLISHED)], counting, depth)  # type: ignore[arg-type]
        assert isinstance(found, Reading), found
        assert drafted[0] <= MAX_EVENTS
    assert counting.tokens <= 2 * MAX_TOKENS


@pytest.mark.parametrize("name", ["control characters", "spaces", "line breaks", "capitals"])
def test_the_news_behind_a_monster_is_still_read(name: str, counting: Counting) -> None:
    (found,) = read([Text("", MONSTERS[name](), PUBLISHED)], counting, "full")
    assert isinstance(found, Reading)
    cut = "text-cut" in found.notes
    assert [draft.type for draft in found.drafts] == ([] if cut else ["arrest"])


@pytest.mark.parametrize("monster", list(MONSTERS))
def test_a_monster_in_the_title_is_read(monster: str, counting: Counting) -> None:
    (found,) = read([Text(MONSTERS[monster](), NEWS, PUBLISHED)], counting, "full")
    assert isinstance(found, Reading)
    assert "arrest" in [draft.type for draft in found.drafts]


WORDS = [
    "arrested", "police", "Iran", "and", "“", "”", ".", ",", "not respond", "for comment", "(AP) —", "KYIV", "\n",
    "in 2019", "1,000", "'s", "-", "the president", "he", "$", "\u202e", "\x00", "FILE -", "30 February", "(",
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=60),
    st.sampled_from(["", " ", "\n"]),
    st.text(max_size=60),
)
def test_no_text_makes_it_fail(words: list[str], between: str, title: str) -> None:
    (found,) = read([Text(title, between.join(words), PUBLISHED)], default_parser(), "full")
    assert isinstance(found, Reading), found
    for told in found.drafts:
        whole = title if told.sentence.in_title else between.join(words)
        assert len(told.sentence.text) == len(whole[told.sentence.start : told.sentence.end])


def test_what_is_left_out_is_noted_on_every_batch(extractor: Extractor) -> None:
    text = " ".join(f"Police number {n} arrested Ivo Maric in Oslo." for n in range(1_200))
    outcome = extractor.handle(unique(text), PUBLISHED)
    assert outcome.emits
    for emit in outcome.emits:
        assert set(emit.value.notes) == {"text-cut", "triggers-cut"}  # type: ignore[attr-defined]
    assert extractor.health().gauges["articles_read_in_part"] >= 1


def test_a_sentence_tells_a_limited_number_of_events() -> None:
    text = "Police " + ", ".join(f"arrested {name} Maric" for name in ("Ivo", "Ana", "Jo", "Li", "Al", "Ed") * 4) + "."
    (found,) = read([Text("", text, PUBLISHED)], default_parser(), "full")
    assert isinstance(found, Reading)
    assert found.notes == ("triggers-cut",)
    assert 0 < len(found.drafts) <= reading.MAX_TRIGGERS


def test_an_article_that_takes_too_long_is_read_in_part() -> None:
    ticks = iter(range(0, 10_000, 4))
    text = "\n".join(f"Police arrested {name} Maric in Oslo." for name in ("Ivo", "Ana", "Jo", "Lea", "Max"))
    (found,) = read([Text("", text, PUBLISHED)], default_parser(), "full", clock=lambda: float(next(ticks)))
    assert isinstance(found, Reading)
    assert found.notes == ("out-of-time",)
    assert [draft.type for draft in found.drafts] == ["arrest", "arrest"]


def test_an_article_in_time_has_no_note() -> None:
    (found,) = read([Text("", NEWS, PUBLISHED)], default_parser(), "full")
    assert isinstance(found, Reading)
    assert found.notes == ()


# Work that grows with the text, not with its square ------------------------------------------------------------------

NAMES = ("Ivo", "Ana", "Jo", "Lea", "Max", "Tom", "Eva", "Kim")
KINDS: dict[str, Callable[[int], str]] = {
    "reports": lambda n: " ".join(f"Police in town {i} arrested {NAMES[i % 8]} Maric on Monday." for i in range(n)),
    "names": lambda n: " ".join(f"Anna{i} Berg{i} met Ivo{i} Maric{i} in Oslo." for i in range(n)),
    "one first name": lambda n: " ".join(f"Anna Berg{i} was arrested by police." for i in range(n)),
    "offices": lambda n: " ".join(f"The French president {i} met the US minister." for i in range(n)),
    "pronouns": lambda n: " ".join(f"He told them that she met him {i} times." for i in range(n)),
    "pairs": lambda n: " ".join(f"Iran and Peru {i} agreed and they met." for i in range(n)),
    "figures": lambda n: " ".join(f"At least {i} people died and {i} were injured in 2019." for i in range(n)),
    "lines": lambda n: "\n".join(f"Police number {i} arrested a man in Oslo" for i in range(n)),
    "triggers": lambda n: " ".join(f"arrested {i}, freed {i}, attacked {i}." for i in range(n)),
}  # fmt: skip


def calls(text: str) -> int:
    """Return how many functions reading ``text`` calls."""
    counted = [0]

    def count(frame: Any, event: str, argument: Any) -> None:
        counted[0] += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        read([Text("", text, PUBLISHED)], default_parser(), "full")
    finally:
        sys.setprofile(None)
    return counted[0]


@pytest.mark.parametrize("kind", KINDS)
def test_work_grows_with_the_text(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_EVENTS", 100_000)
    make = KINDS[kind]
    calls(make(5))
    short, long = calls(make(50)), calls(make(200))
    assert long < 5.5 * short
