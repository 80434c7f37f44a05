"""How an article introduces its persons: titles, countries and gender told by the words around their names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import us_states
from services.extractor.namefinder import MAX_PREFIX_WORDS, Found
from services.extractor.persons import Known, former
from services.extractor.views import STOPS, SentenceView, bare_word, is_former, title_ending

MAX_APPOSITION_WORDS: Final = 14
"""How many words between the commas after a name are read as its description."""
_AGED: Final = re.compile(r"(?P<age>\d{1,3})-year-old(?: [a-z]+){0,3} $")
"""An age right before a name: "72-year-old teacher |Ann Clark|"."""
_ABROAD: Final = frozenset({"envoy", "ambassador", "negotiator"})
"""Offices that a country's *name* points at instead of employing: "the Ukraine envoy" is rarely a Ukrainian."""
_OWN_ENVOYS: Final = frozenset({"us", "u.s.", "uk", "u.k.", "un", "u.n.", "eu"})


class Introductions:
    """Reads titles, countries and genders of persons from the sentences that name them."""

    def __init__(
        self, sentences: Sequence[SentenceView], known: Mapping[str, Known], mentions: Sequence[Found]
    ) -> None:
        self._gazetteer = gazetteer()
        self._sentences = sentences
        self._known = known
        self._starts = {(found.sentence, found.start): found.key for found in mentions}

    def read(self, found: Found) -> None:
        """Learn from the words around one mention."""
        sentence = self._sentences[found.sentence]
        first, last = found.start - sentence.start, found.end - sentence.start
        known = self._known[found.key]
        begin = max(found.lead - sentence.start, 0)
        titled = self._read_lead(known, sentence, begin, first)
        aged = _AGED.search(sentence.text, 0, sentence.offsets[first])
        known.age = int(aged["age"]) if aged is not None else known.age
        if titled and not known.countries and self._after_state(sentence, begin):
            known.countries["USA"] += 1
        self._read_before_comma(known, sentence, found.lead - sentence.start)
        self._read_after(known, sentence, last)

    @staticmethod
    def _after_state(sentence: SentenceView, begin: int) -> bool:
        """True for "Ohio |Governor X|": a title that follows the name of a state of the United States."""
        return any(
            begin >= length and fold(" ".join(sentence.words[begin - length : begin])) in us_states()
            for length in (1, 2)
        )

    def _read_lead(self, known: Known, sentence: SentenceView, first: int, last: int) -> bool:
        """Read titles and a country from the words [first, last); False where there is no title."""
        office = ""
        at = last - 1
        found_title = left = False
        while at >= first:
            title, begin = title_ending(sentence, at, self._gazetteer)
            if title is not None and at not in sentence.inside:
                found_title = True
                office = office or title.office
                left = is_former(sentence, begin)
                known.note(former(title) if left else title)
                at = begin - 1
                continue
            at -= 1
        self._read_country(known, sentence, first, last, office, serving=not left)
        return found_title

    def _read_country(
        self, known: Known, sentence: SentenceView, first: int, last: int, office: str, *, serving: bool = True
    ) -> None:
        for at in range(last - 1, first - 1, -1):
            found = sentence.entries.get(at)
            if found is None:
                if sentence.lower[at] in self._gazetteer.parties and sentence.words[at][:1].isupper():
                    known.countries[self._gazetteer.parties[sentence.lower[at]]] += 1
                    return
                continue
            end, entry = found
            if not entry.country:
                continue
            if entry.kind == "adjective" or entry.kind == "institution":
                if end < len(sentence.lower) and sentence.lower[end] == "-":
                    continue
                known.countries[entry.country] += 2
                if entry.kind == "institution" and entry.sector and serving:
                    known.sectors[entry.sector] += 1
                return
            if office in _ABROAD and sentence.lower[at] not in _OWN_ENVOYS:
                return
            possessive = end < len(sentence.words) and sentence.lower[end] in ("'s", "’s", "‘s", "'", "’")
            glued = sentence.words[end - 1].endswith(("'s", "’s", "‘s"))
            if (
                possessive
                or glued
                or end == last
                or sentence.lower[end] in self._gazetteer.title_words | {"former", "deputy"}
            ):
                known.countries[entry.country] += 2
            return

    def _read_before_comma(self, known: Known, sentence: SentenceView, lead: int) -> None:
        """Read "The Russian president, |Vladimir Putin": the description must end in a title right at the comma."""
        if lead < 2 or sentence.words[lead - 1] != ",":
            return
        title, begin = title_ending(sentence, lead - 2, self._gazetteer)
        if title is None or lead - 2 in sentence.inside:
            return
        first = begin
        while first > 0 and lead - first < MAX_PREFIX_WORDS and sentence.lower[first - 1] not in STOPS:
            first -= 1
            if sentence.lower[first] == "the":
                break
        left = is_former(sentence, begin)
        known.note(former(title) if left else title)
        self._read_country(known, sentence, first, lead - 1, title.office, serving=not left)

    def _read_after(self, known: Known, sentence: SentenceView, last: int) -> None:
        """Read what follows a name: "of Russia", ", 35, a US staff sergeant", ", the Kremlin spokesman"."""
        lower = sentence.lower
        at = last
        if lower[at : at + 1] == ["("]:
            while at < len(lower) and lower[at] != ")" and at - last < 6:
                at += 1
            at += 1
        if lower[at : at + 1] == ["of"] or lower[at : at + 2] == [",", "of"]:
            self._read_home(known, sentence, at + 1 + (lower[at] == ","))
        for _ in range(2):
            if lower[at : at + 1] != [","]:
                return
            end = at + 1
            while end < len(lower) and lower[end] not in (",", ".", ";", "(", "who", "said", "—", "–", "”", "which"):
                end += 1
            if end - at - 1 > MAX_APPOSITION_WORDS or end == at + 1:
                return
            if lower[at + 1].isdigit() and len(lower[at + 1]) <= 3:
                known.age = int(lower[at + 1])
            if lower[at + 1].isdigit() or (lower[at + 1].replace("-", "").isalnum() and "year-old" in lower[at + 1]):
                at = end
                continue
            opener = lower[at + 1]
            if (sentence.index, sentence.start + at + 1) in self._starts or opener in ("and", "but", "said"):
                return
            if (
                opener in ("a", "an", "the", "former", "then", "his", "her")
                or at + 1 in sentence.inside
                or (opener in self._gazetteer.title_words)
            ):
                self._read_apposition(known, sentence, at + 1, end)
            return

    def _read_apposition(self, known: Known, sentence: SentenceView, first: int, end: int) -> None:
        lower = sentence.lower
        for at in range(first, end):
            title, begin = title_ending(sentence, at, self._gazetteer)
            if title is None or at in sentence.inside or (sentence.index, sentence.start + at + 1) in self._starts:
                continue
            left = is_former(sentence, begin)
            known.note(former(title) if left else title)
            before = Counter(known.countries)
            self._read_country(known, sentence, first, at + 1, title.office, serving=not left)
            if known.countries == before and lower[at + 1 : at + 2] in (["of"], ["for"]):
                self._read_home(known, sentence, at + 2)
                for further in range(at + 2, min(at + 5, end)):
                    employer = self._starts.get((sentence.index, sentence.start + further))
                    if employer is not None:
                        known.employers.append(employer)
            return

    def _read_home(self, known: Known, sentence: SentenceView, at: int) -> None:
        if sentence.lower[at : at + 1] == ["the"]:
            at += 1
        found = sentence.entries.get(at)
        if found is not None and found[1].kind in ("country", "institution"):
            if found[1].country:
                known.countries[found[1].country] += 2
            return
        if at < len(sentence.words) and sentence.words[at][:1].isupper():
            for length in (2, 1):
                state = us_states().get(fold(bare_word(" ".join(sentence.words[at : at + length]))))
                if state is not None:
                    known.countries[state.country] += 1
                    return
