"""From a phrase to the actor it stands for."""

from __future__ import annotations

import pytest

from services.extractor.actors import Actor, ActorResolver
from tests.unit.extractor.parsing import phrase, sentences, unparsed, untagged


def resolve(text: str, words: str) -> Actor | None:
    found = sentences(text)
    return ActorResolver(found).resolve(phrase(found, words))


def resolve_all(text: str, words: str) -> list[str]:
    found = sentences(text)
    return sorted(actor.name for actor in ActorResolver(found).resolve_all(phrase(found, words)))


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("The Polish foreign minister Adam Nowak arrived.", "The Polish foreign minister Adam Nowak",
         Actor("person:adam nowak", "Adam Nowak", "person", "POL", "GOV")),
        ("Tehran rejected the offer.", "Tehran", Actor("country:IRN", "Iran", "country", "IRN", "GOV")),
        ("Nigeria's offer was rejected.", "Nigeria's", Actor("country:NGA", "Nigeria", "country", "NGA", "GOV")),
        ("The Pentagon confirmed the raid.", "The Pentagon",
         Actor("org:pentagon", "Pentagon", "organisation", "USA", "MIL")),
        ("Ethiopian forces shelled the town.", "Ethiopian forces",
         Actor("group:eth mil", "Ethiopian forces", "group", "ETH", "MIL")),
        ("Ethiopian troops shelled the town.", "Ethiopian troops",
         Actor("group:eth mil", "Ethiopian troops", "group", "ETH", "MIL")),
        ("The Japanese government approved the plan.", "The Japanese government",
         Actor("org:japanese government", "Japanese government", "organisation", "JPN", "GOV")),
        ("Mexico's supreme court ruled on Monday.", "Mexico's supreme court",
         Actor("org:mexican supreme court", "Mexican supreme court", "organisation", "MEX", "JUD")),
        ("Masked gunmen stormed the bank.", "Masked gunmen", Actor("group:gunmen", "gunmen", "group", "", "CRM")),
        ("Hezbollah fired rockets.", "Hezbollah", Actor("org:hezbollah", "Hezbollah", "organisation", "LBN", "REB")),
        ("A number of Canadians were held.", "A number of Canadians",
         Actor("group:can people", "Canadians", "group", "CAN", "CVL")),
        ("A group of Moroccan diplomats held talks.", "A group of Moroccan diplomats",
         Actor("group:moroccan diplomats", "Moroccan diplomats", "group", "MAR", "GOV")),
        ("Envoys praised the Egyptians for the truce.", "the Egyptians",
         Actor("country:EGY", "Egypt", "country", "EGY", "GOV")),
        ("Iran-backed militias attacked the base.", "Iran-backed militias",
         Actor("group:militias", "militias", "group", "", "REB")),
        ("The Indian prime minister arrived in Tokyo.", "The Indian prime minister",
         Actor("person:indian prime minister", "Indian prime minister", "person", "IND", "GOV")),
    ],
)  # fmt: skip
def test_a_phrase_is_resolved_to_its_actor(text: str, words: str, expected: Actor) -> None:
    assert resolve(text, words) == expected


@pytest.mark.parametrize(
    ("text", "words", "name", "country"),
    [
        ("Protesters in Athens burned cars. Police fired gas at the Greek crowd.", "Police", "Greek police", "GRC"),
        ("Osaka police arrested two men.", "Osaka police", "Osaka police", "JPN"),
        ("Lawmakers in Peru met on Monday. Congress rejected the bill.", "Congress", "Peruvian congress", "PER"),
        ("Brazil's Congress rejected the bill.", "Brazil's Congress", "Brazilian congress", "BRA"),
        ("The US said it was ready. Congress passed a bill.", "Congress", "US Congress", "USA"),
        ("The Kenyan health ministry was silent.", "The Kenyan health ministry", "Kenyan health ministry", "KEN"),
        ("China's Ministry of Natural Resources issued a warning.", "China's Ministry of Natural Resources",
         "Chinese ministry of natural resources", "CHN"),
        ("Lawmakers from France and Spain met. Police closed a road.", "Police", "police", ""),
    ],
)  # fmt: skip
def test_bodies_of_state_belong_to_a_country(text: str, words: str, name: str, country: str) -> None:
    actor = resolve(text, words)
    assert actor is not None
    assert (actor.name, actor.country) == (name, country)


@pytest.mark.parametrize(
    ("text", "words", "name", "sector"),
    [
        ("Boeing delivered ten jets.", "Boeing", "Boeing", "BUS"),
        ("The BBC apologised.", "The BBC", "BBC", "MED"),
        ("Foggy Bottom confirmed the talks.", "Foggy Bottom", "State Department", "GOV"),
        ("The Élysée confirmed the talks.", "The Élysée", "Élysée", "GOV"),
        ("Amnesty International condemned the law.", "Amnesty International", "Amnesty International", "NGO"),
        ("The European Court of Justice ruled on Monday.", "The European Court of Justice",
         "European Court of Justice", "IGO"),
    ],
)  # fmt: skip
def test_known_bodies_carry_their_sector(text: str, words: str, name: str, sector: str) -> None:
    actor = resolve(text, words)
    assert actor is not None
    assert (actor.name, actor.kind, actor.sector) == (name, "organisation", sector)


def test_an_organisation_is_known_where_the_tagger_misses_it() -> None:
    found = [*sentences("The Halvorsen Institute sued the Draxley Corporation."), untagged("Halvorsen Institute won.")]
    actor = ActorResolver(found).resolve(found[-1][0:2])
    assert actor is not None
    assert actor.name == "Halvorsen Institute"


@pytest.mark.parametrize("words", ["The weather", "talks"])
def test_what_cannot_act_is_no_actor(words: str) -> None:
    assert resolve("The weather was fine and talks went on.", words) is None


def test_an_owner_is_not_what_it_owns() -> None:
    assert resolve("President Ali Nasser's war went on.", "President Ali Nasser's war") is None


@pytest.mark.parametrize(
    ("text", "words", "names"),
    [
        ("China and India signed a pact.", "China and India", ["China", "India"]),
        ("Presidents Paul Biya and Ali Bongo met.", "Paul Biya and Ali Bongo", ["Ali Bongo", "Paul Biya"]),
        ("Spain, France and Italy objected.", "Spain, France and Italy", ["France", "Italy", "Spain"]),
        ("Armenia and Azerbaijan met in Geneva. Both sides agreed to a truce.", "Both sides",
         ["Armenia", "Azerbaijan"]),
        ("Armenia and Azerbaijan met in Geneva. They agreed to a truce.", "They", ["Armenia", "Azerbaijan"]),
        ("A deal between Kenya and Uganda freed 40 prisoners on each side.", "each side", ["Kenya", "Uganda"]),
        ("Kenyan President Daniel Kimani and Ugandan President Moses Okello met. The two leaders shook hands.",
         "The two leaders", ["Daniel Kimani", "Moses Okello"]),
        ("Kenyan President Daniel Kimani and Ugandan President Moses Okello met. The two countries share a border.",
         "The two countries", ["Kenya", "Uganda"]),
        ("Kenyan President Daniel Kimani called Moses Okello. They agreed to meet.", "They", []),
    ],
)  # fmt: skip
def test_several_actors_are_told_apart(text: str, words: str, names: list[str]) -> None:
    assert resolve_all(text, words) == names


def test_a_plural_has_no_single_actor() -> None:
    text = "Armenia and Azerbaijan met in Geneva. Both sides agreed to a truce."
    assert resolve(text, "Both sides") is None


def test_phrases_of_sentences_without_a_parse_are_resolved() -> None:
    found = unparsed("Chile and Peru met in Lima.", "Chilean President Rosa Fuentes praised the two countries.")
    resolver = ActorResolver(found)
    person = resolver.resolve(phrase(found, "Chilean President Rosa Fuentes"))
    assert person is not None
    assert (person.name, person.country) == ("Rosa Fuentes", "CHL")
    assert [one.country for one in resolver.resolve_all(phrase(found, "the two countries"))] == ["CHL", "PER"]
    assert [one.country for one in resolver.resolve_all(phrase(found, "Chile and Peru"))] == ["CHL", "PER"]


def test_an_empty_span_has_no_actor() -> None:
    found = sentences("Chile won.")
    assert ActorResolver(found).resolve_all(found[0][0:0]) == ()


def test_the_countries_of_an_article_are_counted() -> None:
    found = sentences("Chile and Peru met. Chile objected.")
    counts = ActorResolver(found).context_countries()
    assert counts["CHL"] > counts["PER"]


@pytest.mark.shared_data
def test_the_two_founding_articles_name_their_persons_with_their_countries(shared: object) -> None:
    from pathlib import Path

    expected = {
        "000": {"Donald Trump": "USA", "Vladimir Putin": "RUS", "Sergey Lavrov": "RUS", "Marc Fogel": "USA",
                "Gordon Black": "USA", "Dmitry Peskov": "RUS", "Stephen Hubbard": ""},
        "003": {"Donald Trump": "USA", "Vladimir Putin": "RUS", "Volodymyr Zelenskyy": "UKR", "Marc Fogel": "USA",
                "Alexander Vinnik": "RUS", "Steve Witkoff": "USA", "Joe Biden": "USA", "Dmitry Peskov": "RUS"},
    }  # fmt: skip
    for path in sorted((Path(str(shared)) / "seeds").glob("*.txt")):
        paragraphs = [line for line in path.read_text("utf-8").splitlines() if line.strip()]
        found = [sentence for paragraph in paragraphs for sentence in sentences(paragraph)]
        persons = {person.name: person.country for person in ActorResolver(found).book.persons}
        wanted = expected[path.name[:3]]
        assert {name: persons.get(name) for name in wanted} == wanted
