"""What the words around a name make of it: sites, towns in a state, districts, and towns that are in no table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from spacy.tokens import Span

from services.extractor.gazetteer import gazetteer
from services.extractor.placelookup import country_code, has_article, lookup_place
from services.extractor.placenames import NameRun, run_end
from services.extractor.placerecord import Place
from services.extractor.placewords import LEADING_NOUNS, REGION_HEADS, SITES, TOWNS
from services.extractor.views import bare_word


def resolve_run(sentence: Span, name: NameRun, context: Mapping[str, int]) -> Place | None:
    doc = sentence.doc
    if (capital := _capital(sentence, name, context)) is not None:
        return capital
    within = _narrower(sentence, name)
    if within is not None and (narrow := resolve_run(sentence, within, context)) is not None:
        return narrow
    outer = _outer(sentence, name.last)
    for owner in range(name.first + 1, name.last - 1):
        if doc[owner].text in ("'s", "’s", "‘s"):
            inner = resolve_run(
                sentence,
                NameRun(owner + 1, name.last, name.preposition),
                {**context, _country_near(doc[name.first : owner].text): 1_000},
            )
            if inner is not None and inner.lat is not None:
                return inner
    for last in range(name.last, name.first, -1):
        text = doc[name.first : last].text.strip(" ,.’'‘“”\"")
        for ending in ("'s", "’s", "‘s"):
            text = text.removesuffix(ending)
        head = doc[name.last - 1].lower_ if name.last > last else ""
        found = lookup_place(
            text,
            outer,
            context,
            article=has_article(doc, name.first),
            division=head in REGION_HEADS,
            named=doc[name.first].ent_type_ in ("GPE", "LOC", "FAC"),
            town=_leading(sentence, name) in TOWNS,
        )
        if found is not None:
            whole = doc[name.first : name.last]
            if (
                last < name.last
                and doc[name.last - 1].lower_ in SITES
                and found.precision in ("city", "country", "admin1")
            ):
                # "Moscow's Sheremetyevo airport": the site is known by its town alone.
                return Place(
                    whole.text, whole.text, found.country, found.admin1, found.lat, found.lon, found.geonames_id, "site"
                )
            longer = last < name.last and doc[last].text[:1].isupper() and doc[last].lower_ not in REGION_HEADS
            if longer and doc[name.first].ent_type_ in ("ORG", "PERSON", "PRODUCT", "WORK_OF_ART", "EVENT"):
                # A longer name that only begins like a town ("London Bridge Capital") is not that town.
                continue
            return found
    return _unknown_site(sentence, name, context)


def _capital(sentence: Span, name: NameRun, context: Mapping[str, int]) -> Place | None:
    """Read "the Omani capital", "Oman's capital" and "the capital of Oman"; None for any other name."""
    doc = sentence.doc
    adjective = doc[name.last - 1].lower_ == "capital"
    after = [word.lower_ for word in doc[name.last : min(name.last + 2, sentence.end)]]
    before = [word.lower_ for word in doc[max(name.first - 2, sentence.start) : name.first]]
    if not adjective and after not in (["'s", "capital"], ["’s", "capital"]) and before != ["capital", "of"]:
        return None
    country = gazetteer().countries.get(gazetteer().country_of(doc[name.first : name.last - adjective].text))
    if country is None or not country.capital:
        return None
    town = lookup_place(country.capital, country.name, context, article=False)
    return replace(town, text=doc[name.first : name.last].text) if town is not None else None


def _narrower(sentence: Span, name: NameRun) -> NameRun | None:
    """Return the name that a wider one leads to: "the Black Sea port of |Odesa|", "the Paris suburb of |Meaux|"."""
    doc = sentence.doc
    for noun in (name.last - 1, name.last):
        if noun > name.first and noun + 2 < sentence.end and doc[noun].lower_ in LEADING_NOUNS:
            last = run_end(sentence, noun + 2)
            if doc[noun + 1].lower_ == "of" and last > noun + 2:
                return NameRun(noun + 2, last, name.preposition)
    return None


def _country_near(owner: str) -> str:
    """Return the country that the owner of a place tells: "Sudan's Darfur region"."""
    return gazetteer().country_of(owner)


def _outer(sentence: Span, last: int) -> str:
    """Return what stands behind a comma: "Springfield, |Illinois|"."""
    doc = sentence.doc
    if last + 1 < sentence.end and doc[last].text in (",", "in") and doc[last + 1].text[:1].isupper():
        end = run_end(sentence, last + 1)
        return str(doc[last + 1 : end].text)
    if last + 2 < sentence.end and doc[last].lower_ == "in" and doc[last + 2].text[:1].isupper():
        end = run_end(sentence, last + 2)
        return str(doc[last + 2 : end].text)
    return ""


def _unknown_site(sentence: Span, name: NameRun, context: Mapping[str, int]) -> Place | None:
    """Take a site that is in no table, "Sheremetyevo airport": it lies in the article's country if there is but one."""
    whole = sentence.doc[name.first : name.last]
    if (town := _unknown_town(sentence, name, context)) is not None:
        return town
    words = [bare_word(token.text) for token in whole]
    label = whole[0].ent_type_
    if len(words) < 2 or (words[-1].lower() not in SITES and label != "FAC"):
        return None
    country = next(iter(context)) if len(context) == 1 else ""
    return Place(whole.text, whole.text, country, "", None, None, 0, "site")


def _leading(sentence: Span, name: NameRun) -> str:
    """Return the noun whose "of" leads to a name: "the |town| of Marsabit"; empty where there is none."""
    doc = sentence.doc
    led = name.first - 2 >= sentence.start and doc[name.first - 1].lower_ == "of"
    return str(doc[name.first - 2].lower_) if led else ""


def _unknown_town(sentence: Span, name: NameRun, context: Mapping[str, int]) -> Place | None:
    """Take a town or district that is in no table: "the town of Marsabit", "in Marsabit, Kenya"."""
    doc = sentence.doc
    noun = _leading(sentence, name)
    if noun not in LEADING_NOUNS:
        return None
    begin = max(sentence.start, name.first - 8)
    adjectives = [gazetteer().lookup(token.text) for token in doc[begin : name.first] if token.text[:1].isupper()]
    nearest = [entry.country for entry in adjectives if entry is not None and entry.country]
    country = country_code(_outer(sentence, name.last)) or (nearest[-1] if nearest else _foremost(context))
    text = doc[name.first : name.last].text.removesuffix("'s").removesuffix("’s")
    if noun in REGION_HEADS:
        return Place(text, text, country, text, None, None, 0, "admin1")
    return Place(text, text, country, "", None, None, 0, "city")


def _foremost(context: Mapping[str, int]) -> str:
    """Return the country that an article names most, if most of those it names are that one."""
    codes = {code: number for code, number in context.items() if code.isupper() and len(code) == 3}
    best = max(codes, key=lambda code: codes[code], default="")
    return best if best and 2 * codes[best] > sum(codes.values()) else ""
