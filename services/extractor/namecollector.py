"""Which persons an article names: their full names, gathered over all sentences before any of them is read closely.

A small model tags "Trump" as a verb and "Lavrov" as an organisation, but an article introduces nearly everybody once by
full name or title. Works on words and entities alone: sentences need no dependency parse.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Final

from services.extractor.entities import fold
from services.extractor.gazetteer import gazetteer
from services.extractor.geography import place_tables
from services.extractor.leaders import Leader, leaders
from services.extractor.notpersons import company_names, is_team, is_thing, only_begins
from services.extractor.persons import Known
from services.extractor.views import STOPS, SentenceView, bare_word, title_ending

MIN_TOWN_NAMESAKE: Final = 3
"""A lone name that is also a town's must be tagged as a person this often: taggers take "Wasilla" for one."""
_PARTICLES: Final = frozenset({
    "de", "del", "della", "der", "den", "di", "da", "do", "dos", "du", "la", "le", "van", "von", "bin", "ibn",
    "bint", "al", "el", "ul", "ould", "abu", "ter", "ten", "zu", "y", "ben", "af", "st.",
})  # fmt: skip
_BODIES: Final = frozenset({"ORG", "FAC", "GPE", "LAW", "EVENT"})
_ALWAYS_PERSONAL: Final = frozenset({"president", "mr", "mr.", "mrs", "mrs.", "ms", "ms."})
_SUFFIXES: Final = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
NOT_NAMES: Final = frozenset({
    "the", "a", "an", "this", "that", "these", "those", "it", "he", "she", "they", "we", "i", "you", "his", "her",
    "their", "our", "my", "its", "in", "on", "at", "by", "for", "from", "with", "after", "before", "but", "and",
    "or", "if", "as", "when", "while", "also", "however", "monday", "tuesday", "wednesday", "thursday", "friday",
    "saturday", "sunday", "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december", "god", "christmas", "easter", "ramadan", "congress", "parliament",
    "department", "ministry", "party", "street", "war", "house", "court", "university", "says", "said", "of", "to",
    "who", "what", "why", "how", "not", "no", "yes", "more", "new", "former", "late", "senior", "deputy", "photo",
})  # fmt: skip
"""Words with a capital letter that are part of no person's name."""


def surname_at(words: Sequence[str]) -> int:
    """Return where the surname of a full name begins (as word number), particles included."""
    at = len(words) - 1
    while at > 1 and words[at - 1].lower() in _PARTICLES:
        at -= 1
    return at


class NameCollector:
    """The persons of one article by key, and the words by which they can be named again."""

    def __init__(self, sentences: Sequence[SentenceView], title: str = "", year: int = 0) -> None:
        self._gazetteer = gazetteer()
        self._year = year
        self._countries = {entry.country for sentence in sentences for _, entry in sentence.entries.values()}
        self.known: dict[str, Known] = {}
        """Everybody by first name and surname, folded; by the one name where there is but one."""
        self.by_surname: dict[str, list[str]] = {}
        self.by_part: dict[str, list[str]] = {}
        self.full: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        self._singles: Counter[str] = Counter()
        self._rejected: Counter[str] = Counter()
        self._titled: dict[str, set[str]] = {}
        """Names of one word with the titles that stand before them."""
        self.bodies: set[str] = set()
        """Folded names that a tagger takes for persons but that the text tells to be organisations."""
        self._pairs: dict[str, Counter[tuple[str, ...]]] = {}
        for sentence in sentences:
            self._collect_bodies(sentence)
            self._collect_leaders(sentence)
        for sentence in sentences:
            self._collect(sentence)
        self._collect_title(title)
        self._settle_singles()

    def _collect(self, sentence: SentenceView) -> None:
        if not sentence.span.doc.has_annotation("ENT_IOB"):
            self._collect_pairs(sentence)
        for entity in sentence.span.ents:
            first, last = entity.start - sentence.start, entity.end - sentence.start
            if entity.label_ == "PERSON":
                if not sentence.inside.issuperset(range(first, last)) and not is_thing(sentence, first):
                    self._take(self._trim(sentence, first, self._with_particles(sentence, last)))
            elif entity.label_ in ("ORG", "GPE", "WORK_OF_ART", "FAC", "NORP", "PRODUCT", "LOC"):
                words = self._trim(sentence, first, last)
                if len(words) == 1:
                    self._rejected[fold(words[0])] += 1
        for number, lower in enumerate(sentence.lower):
            if lower == "," and number >= 2 and self._introduced(sentence, number):
                first = number
                while first > 0 and number - first < 3 and self._may_name(sentence, first - 1):
                    first -= 1
                if number - first >= 2:
                    self._take(self._trim(sentence, first, number))
            if (
                lower in self._gazetteer.last_title_words
                and number + 1 < len(sentence.words)
                and number not in sentence.inside
            ):
                self._take_titled(sentence, number)

    def _collect_bodies(self, sentence: SentenceView) -> None:
        for first, last in company_names(sentence):
            words = self._trim(sentence, first, last)
            if words:
                self.bodies.add(fold(" ".join(words)))

    def _collect_leaders(self, sentence: SentenceView) -> None:
        """Take the heads of state and government that the sentence names."""
        for first, (_, name) in sentence.leaders.items():
            if name.alone and len(name.words) == 1 and self._is_inner(sentence, first):
                continue
            before = sentence.lower[first - 1] if first else ""
            titled = any(term.title.split()[-1] == before for term in name.leader.terms)
            named = len(name.words) > 1 and name.leader.country in self._countries
            if name.alone or titled or named:
                self._enlist(name.leader, name.words)

    def _is_inner(self, sentence: SentenceView, number: int) -> bool:
        """True where a word belongs to a longer name: "Melania |Trump|"."""
        token = sentence.span[number]
        if number == 0 or not sentence.words[number - 1][:1].isupper() or number - 1 in sentence.inside:
            return False
        if sentence.lower[number - 1] in self._gazetteer.title_words:
            return False
        if token.doc.has_annotation("ENT_IOB"):
            return bool(token.ent_iob_ == "I" and token.ent_type_ == "PERSON")
        return number > 1

    def _enlist(self, leader: Leader, spelt: tuple[str, ...]) -> None:
        """Give a leader of the table an entry, under the canonical name and the one that is ``spelt``."""
        words = leader.name.split()
        key = f"{fold(words[0])} {fold(' '.join(words[surname_at(words) :]))}" if len(words) > 1 else fold(words[0])
        if key not in self.known:
            self.known[key] = Known(order=len(self.known))
            self._index(key, words)
        self.known[key].leader = leader
        self.known[key].variants[leader.name] += 1
        self._spell(spelt, key)
        self._spell(tuple(fold(word) for word in words), key)

    def _spell(self, variant: tuple[str, ...], key: str) -> None:
        """Let the folded words ``variant`` name the person of ``key``."""
        if len(variant) == 1:
            keys = self.by_surname.setdefault(variant[0], [])
            if key not in keys:
                keys.append(key)
            return
        bucket = self.full.setdefault(variant[0], [])
        if all(known != variant for known, _ in bucket):
            bucket.append((variant, key))
            bucket.sort(key=lambda item: -len(item[0]))

    def _settle_leader(self, word: str, titles: set[str]) -> None:
        """Take "President Bush" for the leader of that name where nobody in the article has it and the country fits."""
        for title in titles:
            leader = leaders().titled(title, word, self._year)
            if leader is not None and (leader.country in self._countries or not self._countries):
                self._enlist(leader, (word,))
                return

    def _take_titled(self, sentence: SentenceView, number: int) -> None:
        words = sentence.words
        start = number + 1
        while start < len(words) and words[start] == "." and start == number + 1:
            start += 1
        end = start
        while end < len(words) and end - start < 4 and end not in sentence.inside:
            word = words[end]
            named = word[:1].isupper() and bare_word(word) and sentence.lower[end] not in NOT_NAMES
            if not named and not (end > start and word.lower() in _PARTICLES | {"-"}):
                break
            if sentence.lower[end] in self._gazetteer.last_title_words:
                return
            end += 1
            if word.endswith(("'s", "’s", "‘s")):
                break
        while end > start and not words[end - 1][:1].isupper():
            end -= 1
        if end == start:
            return
        tokens = sentence.span[start:end]
        head = sentence.span[number]
        # A title inside an organisation's name names no person: "Justice Department", "General Motors".
        shared = head.ent_type_ == tokens[0].ent_type_ and tokens[0].ent_iob_ == "I"
        if shared and head.ent_type_ in _BODIES and sentence.lower[number] not in _ALWAYS_PERSONAL:
            return
        if end - start == 1 and not tokens[0].ent_type_ and tokens[0].pos_ in ("VERB", "AUX", "ADP", "DET"):
            return
        title = self._gazetteer.title(sentence.lower[number])
        if title is not None and not words[number][:1].isupper() and tokens[0].ent_type_ not in ("PERSON", "ORG", ""):
            return
        if title is not None and not words[number][:1].isupper() and end - start == 1 and not tokens[0].ent_type_:
            return
        kept = self._trim(sentence, start, end)
        self._take(kept)
        if len(kept) == 1:
            ending, begin = title_ending(sentence, number, self._gazetteer)
            spelt = " ".join(sentence.lower[begin : number + 1]) if ending is not None else ""
            self._titled.setdefault(fold(kept[0]), set()).add(spelt)

    def _trim(self, sentence: SentenceView, first: int, last: int) -> list[str]:
        """Return the name's own words in [first, last): titles, demonyms, possessives and punctuation cut off."""
        first = max(first, 0)
        last = min(last, len(sentence.words))
        while first < last:
            lower = sentence.lower[first]
            titled = lower in self._gazetteer.title_words and first + 1 < last
            entry = sentence.entries.get(first)
            if entry is not None and entry[0] < last and entry[1].kind in ("adjective", "institution", "country"):
                first = entry[0]
            elif titled or lower in NOT_NAMES or not lower[:1].isalpha() or only_begins(sentence, first):
                first += 1
            else:
                break
        kept: list[str] = []
        joined = False
        for number in range(first, last):
            word = sentence.words[number]
            if word == "-" and kept:
                kept[-1] += "-"
                joined = True
                continue
            bare = bare_word(word) if not (len(word) == 2 and word.endswith(".")) else word
            if not bare or (not bare[:1].isalpha() or any(mark.isdigit() for mark in bare)):
                break
            if not bare[:1].isupper() and bare.lower() not in _PARTICLES and not joined:
                break
            if joined:
                kept[-1] += bare
                joined = False
            else:
                kept.append(bare)
            if bare != word and word.endswith(("'s", "’s", "‘s")):
                break
        while kept and (kept[-1].lower() in _SUFFIXES or kept[-1].lower() in _PARTICLES):
            kept.pop()
        return kept

    @staticmethod
    def _with_particles(sentence: SentenceView, last: int) -> int:
        """Go on over "von der Leyen" where the tagger stopped before the particles."""
        end = last
        while end < len(sentence.lower) and sentence.lower[end] in _PARTICLES and end - last < 3:
            end += 1
        open_ended = last < end or sentence.lower[last - 1] in _PARTICLES
        return end + 1 if open_ended and end < len(sentence.words) and sentence.words[end][:1].isupper() else last

    def _collect_pairs(self, sentence: SentenceView) -> None:
        """Keep pairs of capitalised words that no tagger has read: a lone surname may need its first name."""
        for number in range(1, len(sentence.words)):
            if self._may_name(sentence, number) and self._may_name(sentence, number - 1):
                pair = tuple(bare_word(word) for word in sentence.words[number - 1 : number + 1])
                if all(pair) and sentence.lower[number - 1] not in self._gazetteer.title_words:
                    self._pairs.setdefault(fold(pair[1]), Counter())[pair] += 1

    @staticmethod
    def _may_name(sentence: SentenceView, number: int) -> bool:
        word = sentence.words[number]
        plain = word[:1].isupper() and word.replace("-", "").isalpha()
        return plain and number not in sentence.inside and sentence.lower[number] not in NOT_NAMES

    def _introduced(self, sentence: SentenceView, last: int) -> bool:
        """True where an age or a role follows, as with a person: "Ines Costa, 35", "Ines Costa, a Portuguese judge"."""
        after = sentence.lower[last : last + 8]
        if len(after) < 3 or after[0] != ",":
            return False
        if after[1].isdigit() and len(after[1]) == 2:
            return True
        if after[1] not in ("a", "an", "the"):
            return False
        for word in after[2:]:
            if word in STOPS:
                return False
            title = self._gazetteer.titles.get(word)
            if title is not None and title.sector not in ("BUS", "") and not title.capital:
                return True
        return False

    def _take(self, words: list[str]) -> None:
        if not words or len(words) > 5:
            return
        name = " ".join(words)
        lowers = [word.lower() for word in words]
        if self._gazetteer.lookup(name) is not None or len(name) < 2 or fold(name) in self.bodies:
            return
        if len(words) > 1 and (self._gazetteer.ending(words[-1]) is not None or is_team(words)):
            return
        if lowers[0] in self._gazetteer.name_starts:
            return
        if any(lower in NOT_NAMES for lower in lowers) or any(len(word) > 24 for word in words):
            return
        if len(words) == 1:
            if words[0][:1].isupper() and len(words[0]) > 2 and lowers[0] not in self._gazetteer.parties:
                self._singles[words[0]] += 1
            return
        folded = tuple(fold(word) for word in words)
        surname = fold(" ".join(words[surname_at(words) :]))
        key = dict(self.full.get(folded[0], ())).get(folded) or f"{folded[0]} {surname}"
        if key not in self.known:
            self.known[key] = Known(order=len(self.known))
            self._index(key, words)
        self.known[key].variants[name] += 1
        self._spell(folded, key)

    def _drop_overlong(self) -> None:
        """Let "Esther Williams Dies" of a headline name the Esther Williams of the text."""
        whole = {tuple(fold(name).split()): key for key, known in self.known.items() for name in known.variants}
        shorter = {
            key: whole[words[:-1]]
            for words, key in whole.items()
            if len(words) > 2 and whole.get(words[:-1], key) != key and self.known[key].leader is None
        }
        if not shorter:
            return
        for key, kept in shorter.items():
            while kept in shorter:
                kept = shorter[kept]
            shorter[key] = kept
        for table in (self.by_surname, self.by_part):
            for word, keys in list(table.items()):
                table[word] = list(dict.fromkeys(shorter.get(key, key) for key in keys))
        for word, bucket in self.full.items():
            self.full[word] = [(spelt, shorter.get(key, key)) for spelt, key in bucket if key not in shorter]
        for words, key in whole.items():
            if key in shorter:
                if self.by_surname.get(words[-1]) == [shorter[key]]:
                    del self.by_surname[words[-1]]
                self.known.pop(key, None)

    def _index(self, key: str, words: Sequence[str]) -> None:
        at = surname_at(words)
        surname = fold(words[-1])
        for part in {surname, surname.split("-", 1)[-1] if surname.startswith(("al-", "el-")) else surname}:
            self.by_surname.setdefault(part, []).append(key)
        for word in words[:at]:
            if len(word.rstrip(".")) > 1:
                self.by_part.setdefault(fold(word), []).append(key)

    def _collect_title(self, title: str) -> None:
        words = [bare_word(word) for word in title.split()]
        lower_case = sum(1 for word in words if word[:1].islower())
        if not words or lower_case < len(words) / 3:
            return  # A headline With Capitals Everywhere tells nothing about names.
        for first, second in itertools.pairwise(words):
            if first[:1].isupper() and second[:1].isupper() and fold(second) in {fold(name) for name in self._singles}:
                if first.lower() in self._gazetteer.title_words or self._gazetteer.lookup(first) is not None:
                    continue
                self._take([first, second])

    def _settle_singles(self) -> None:
        """Give persons that have one name only an entry, unless the name is part of a full name."""
        for word, titles in self._titled.items():
            if word not in self.by_surname:
                self._settle_leader(word, titles)
        for name in list(self._singles):
            word = fold(name)
            if word not in self.by_surname and word in self._pairs:
                self._take(list(self._pairs[word].most_common(1)[0][0]))
        self._drop_overlong()
        for name, count in self._singles.items():
            word = fold(name)
            if word in self.by_surname or word in self.known:
                continue
            if word in self.by_part:
                if word in self._titled:
                    # "Mr. Kim" after "Kim Young-ho": the family name stands first.
                    self.by_surname[word] = list(self.by_part[word])
                continue
            if word not in self._titled and self._rejected[word] > count:
                continue
            if self._gazetteer.lookup(name) is not None or name.lower() in self._gazetteer.title_words:
                continue
            if word not in self._titled and count < MIN_TOWN_NAMESAKE and word in place_tables().cities:
                continue
            self.known[word] = Known(order=len(self.known))
            self.known[word].variants[name] += 1
            self.by_surname.setdefault(word, []).append(word)
