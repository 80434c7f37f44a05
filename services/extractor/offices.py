"""Persons named by their office alone, "the US president", and whose country such phrases tell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from services.extractor.gazetteer import Title, gazetteer
from services.extractor.namefinder import Found
from services.extractor.persons import LEADS, Description, Known, former
from services.extractor.views import STOPS, SentenceView, is_former, title_ending


def describe(sentence: SentenceView, mentions: Sequence[Found], *, in_title: bool = False) -> Iterator[Description]:
    """Yield the persons that the sentence refers to by office alone; ``mentions``: everybody named in the article.

    A headline leaves articles out: its "governor" is somebody in particular.
    """
    names = gazetteer()
    named = {
        at
        for found in mentions
        if found.sentence == sentence.index
        for at in range(found.lead - sentence.start, found.end - sentence.start)
    }
    at = len(sentence.words) - 1
    while at >= 0:
        lower = sentence.lower[at]
        title, begin = (None, at)
        if lower in names.last_title_words and at not in named and at not in sentence.inside:
            title, begin = title_ending(sentence, at, names)
            if sentence.span[at].pos_ == "ADJ" or sentence.span[at].dep_ in ("amod", "compound"):
                title = None
        elif lower == "counterpart":
            title = Title("", "", "counterpart")
        if title is None or not title.office:
            at -= 1
            continue
        yield _describe_at(sentence, title, begin, at, in_title=in_title)
        at = begin - 1


def _describe_at(sentence: SentenceView, title: Title, begin: int, at: int, *, in_title: bool) -> Description:
    names = gazetteer()
    spelt = " ".join(sentence.lower[begin : at + 1])
    if is_former(sentence, begin):
        title, spelt = former(title), ""
    country, first, determiner = "", begin, ""
    while first > 0 and begin - first < 6:
        lower = sentence.lower[first - 1]
        if lower in ("the", "a", "an", "his", "her", "their", "its", "this", "that"):
            determiner = lower
            first -= 1
            break
        if lower in STOPS:
            break
        first -= 1
    for number in range(begin - 1, first - 1, -1):
        found = sentence.entries.get(number)
        if found is not None and found[1].country:
            country = found[1].country
            break
        party = names.parties.get(sentence.lower[number])
        if party and sentence.words[number][:1].isupper():
            country = party
            break
    else:
        number = begin
    if not determiner:
        # Without an article the phrase is only as wide as its country: "US president branded him".
        first = number if country else begin
    if not country and sentence.lower[at + 1 : at + 2] == ["of"]:
        after = at + 2 + (sentence.lower[at + 2 : at + 3] == ["the"])
        found = sentence.entries.get(after)
        country = found[1].country if found is not None and found[1].kind in ("country", "institution") else ""
    definite = determiner not in ("a", "an") and bool(determiner or country or in_title)
    return Description(sentence.index, sentence.start + first, sentence.start + at + 1, spelt, title, country, definite)


def assign_leaders(people: Mapping[str, Known], descriptions: Sequence[Description]) -> None:
    """Learn a country by elimination: "the US president" is the president whose country nobody else holds."""
    for key, known in people.items():
        for employer in known.employers:
            if not known.countries and employer != key and people[employer].country():
                known.countries[people[employer].country()] += 1
    wanted = Counter((found.office, found.country) for found in descriptions if found.country and found.definite)
    for (office, country), _ in wanted.most_common():
        fitting = LEADS if office in LEADS else {office}
        natives = [known for known in people.values() if known.country() == country]
        if any(known.offices & fitting for known in natives):
            continue
        free = [known for known in natives if not known.offices] if office in LEADS else []
        free = free or [known for known in people.values() if not known.countries and known.offices & fitting]
        if not free and office in LEADS:
            free = [
                known
                for known in people.values()
                if known.count >= 2 and not known.offices and known.country() in ("", country)
            ]
        if free:
            chosen = max(free, key=lambda known: (known.count, -known.order))
            chosen.countries[country] += 1
            chosen.offices.add(office)
            chosen.sectors["GOV" if office in LEADS else ""] += 1
    for key, known in people.items():
        for employer in known.employers:
            if not known.countries and employer != key and people[employer].country():
                known.countries[people[employer].country()] += 1
