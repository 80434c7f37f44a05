"""Two articles of one story share the names they use, however they are worded."""

from __future__ import annotations

from services.contracts.dateline.v1 import event_pb2
from services.linker import weights as w
from services.linker.gist import GIST_WORDS, article_gist, mention_gist, names_in
from services.linker.profile import Profile, called_by_name, mention_words, of_mention
from services.linker.score import Rarity, score
from services.linker.words import word_number
from tests.unit.linker.newsdesk import Desk, article, batch, says

RARE = Rarity(lambda key: 1, lambda word: 0)


def numbers(*words: str) -> set[int | None]:
    return {word_number(word) for word in words}


def placed(mention: event_pb2.Mention, title: str, told: str = "2025-05-20") -> event_pb2.Mention:
    value = batch(article(title, "one.example", told, title=title), mention).value
    assert isinstance(value, event_pb2.MentionBatch)
    return value.mentions[0]


def facts(mention: event_pb2.Mention, title: str, told: str = "2025-05-20") -> Profile:
    found = placed(mention, title, told)
    return of_mention(found, mention_words(found), article_gist([mention_gist(found)]))


def test_names_are_words_with_a_capital_of_their_own() -> None:
    sentence = "Divers reached the Bintang Selatan off Muna. Rescuers said on Tuesday that the wreck lay deep."
    assert set(names_in(sentence)) == numbers("Bintang", "Selatan", "Muna")


def test_a_line_in_capitals_has_no_names() -> None:
    assert names_in("In Lisbon The Night Watch Found Nothing Strange") == ()


def test_a_gist_holds_headline_names_and_countries_and_is_bounded() -> None:
    told = placed(says("ceasefire", "occurred", ("UGA",), sentence="It was signed in Muscat."), "Guns grow silent")
    assert numbers("guns", "grow", "silent", "Muscat", "country UGA") <= set(mention_gist(told))
    long = placed(
        says("ceasefire", "occurred", sentence=" ".join(f"to Town{chr(97 + n % 26)}{n}x" for n in range(90))), "A"
    )
    assert len(mention_gist(long)) <= GIST_WORDS


def test_articles_of_one_story_meet_and_those_of_others_do_not() -> None:
    one = facts(
        says("arrest", "occurred", sentence="Police in Kendari held the master of the Bintang Selatan."),
        "Kendari ferry master held",
    )
    same = facts(
        says("arrest", "occurred", sentence="The ship, the Bintang Selatan, had left Kendari late."),
        "Master of ferry from Kendari in custody",
    )
    other = facts(
        says("arrest", "occurred", sentence="Detectives in Accra held the former head of the Cocoa Fund at Kotoka."),
        "Cocoa Fund chief held at Kotoka",
    )
    assert score(one, same, RARE, same_article=False, repeated=False).circumstances > 0.5
    assert score(one, other, RARE, same_article=False, repeated=False).circumstances < -0.5


def test_a_story_told_again_months_later_is_worth_less() -> None:
    told = says("negotiations", "occurred", sentence="In Muscat the Ennedi Front met Haggar and Togoi Erdi.")
    title = "Ennedi Front and Haggar talk in Muscat"
    now, later = facts(told, title), facts(told, title, "2025-09-20")
    fresh = score(now, now, RARE, same_article=False, repeated=False).circumstances
    assert fresh == w.SAME_GIST
    assert score(now, later, RARE, same_article=False, repeated=False).circumstances < fresh / 5


def test_a_description_is_no_name() -> None:
    assert called_by_name("Ennedi Liberation Front", "organisation")
    assert called_by_name("Hamas", "group")
    assert called_by_name("Bintang Selatan", "")
    assert not called_by_name("Chadian government", "organisation")
    assert not called_by_name("rebels", "group")
    assert not called_by_name("Dockers", "")
    assert not called_by_name("Chadian minister", "person")


def test_the_truce_is_the_one_its_article_tells() -> None:
    desk = Desk()
    for town, title in (("Porto", "Mill burns in Porto"), ("Bursa", "Mill burns in Bursa")):
        burning = "broke out before dawn in a storeroom and spread to the upper floors"
        desk.take(
            batch(
                article(town, "wire.example", "2025-05-20", title=title),
                says("fire", "occurred", sentence=f"The fire {burning}", time="2025-05-20"),
                says(
                    "fire", "occurred", where=town, time="2025-05-20", sentence=f"A fire at a mill in {town} {burning}"
                ),
            )
        )
    assert sorted((event.place.name, event.evidence_total) for event in desk.live()) == [("Bursa", 2), ("Porto", 2)]


def test_what_is_said_in_passing_about_nobody_founds_no_event() -> None:
    desk = Desk()
    lead = says("ceasefire", "occurred", ("UGA",), sentence="Truce signed " + "x" * 190)
    more = [says("displacement", "occurred", confidence=0.4, sentence="Many have fled " + "x" * 180) for _ in range(3)]
    desk.take(batch(article("a", "wire.example", "2025-05-20"), lead, *more, topic="conflict-war-peace"))
    told = [event.type for event in desk.live()]
    assert told.count("displacement") == 1, "only the one of the lead"


def test_one_truce_a_day_in_a_country_whoever_is_named() -> None:
    desk = Desk()
    for name, who, sentence in (
        ("a", ("UGA", "org:Northern Front"), "The Northern Front signed in Muscat with Kampala."),
        ("b", ("Moses Okot/UGA/GOV",), "In Muscat Moses Okot put his name to a truce with the Northern Front."),
        ("c", ("UGA",), "The guns of the Northern Front fall silent after the Muscat deal."),
    ):
        told = says("ceasefire", "occurred", who, sentence=sentence)
        desk.take(batch(article(name, f"{name}.example", "2025-05-20", title="Northern Front truce"), told))
    (event,) = desk.live()
    assert len(event.independent_sources) == 3
