"""Two articles of one story share the names they use, however they are worded."""

from __future__ import annotations

from services.contracts.dateline.v1 import event_pb2
from services.linker import record
from services.linker import weights as w
from services.linker.gist import GIST_KEPT, GIST_WORDS, article_gist, event_gist, gist_by_names, mention_gist, names_in
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


NAMES = ("Kendari", "Bintang", "Selatan", "Muna", "Raha", "Wakatobi")


def sunk(sentence: str = "The ferry sank at night.") -> event_pb2.Mention:
    return says("transport-accident", "occurred", sentence=sentence, time="2025-05-20")


def stored(desk: Desk) -> list[record.Record]:
    return [record.decode(value) for key, value in sorted(desk.stored.items()) if key.startswith("e:")]


def test_the_gist_of_an_article_that_tells_its_names_is_headline_names_and_countries_and_is_bounded() -> None:
    gist = gist_by_names("Ferry sinks", ("After", *NAMES), ("IDN", "", "IDN"))
    assert set(gist) == numbers("Ferry", "sinks", *NAMES, "country IDN")
    many = [f"Town{chr(97 + n)}x" for n in range(26)]
    assert len(gist_by_names("Ferry sinks", many, ("IDN",))) == GIST_KEPT


def test_an_event_keeps_the_gist_of_each_article_that_tells_it_not_of_the_latest_alone() -> None:
    desk = Desk()
    for name, names in (("a", NAMES), ("b", (*NAMES[:5], "Buton")), ("c", (*NAMES[:5], "Baubau"))):
        desk.take(batch(article(name, f"{name}.example", "2025-05-20", title="Ferry sinks"), sunk(), names=names))
    (held,) = stored(desk)
    assert [set(report.gist) >= numbers(*NAMES[:5]) for report in held.reports] == [True, True, True]
    assert numbers("Wakatobi", "Buton", "Baubau") <= set(held.profile.gist)


def test_mentions_of_one_article_count_once_in_what_the_articles_of_an_event_share() -> None:
    one, other, third = (1, 2, 3), (9, 8), (9, 7)
    assert event_gist([one, one, one, other, third])[0] == 9


def test_a_report_keeps_the_gist_and_the_message_stays_as_it_was() -> None:
    desk = Desk()
    message = batch(article("a", "a.example", "2025-05-20"), sunk(), names=NAMES)
    before = message.value.SerializeToString(deterministic=True)
    desk.take(message)
    assert message.value.SerializeToString(deterministic=True) == before
    (held,) = stored(desk)
    assert set(held.reports[0].mention.article.gist) == numbers(*NAMES)


def test_an_article_that_tells_no_names_has_the_gist_that_its_sentences_show() -> None:
    desk = Desk()
    mention = sunk("The Bintang Selatan sank off Muna.")
    message = batch(article("a", "a.example", "2025-05-20", title="Ferry sinks"), mention)
    desk.take(message)
    (held,) = stored(desk)
    (report,) = held.reports
    assert not report.mention.article.gist
    assert report.gist == held.profile.gist == mention_gist(report.mention)


def test_an_event_stored_without_gists_takes_up_a_report_that_brings_one() -> None:
    desk = Desk()
    title = "Bintang Selatan sinks off Muna"
    told = sunk("Off Muna the Bintang Selatan, from Kendari, sank at night.")
    desk.take(batch(article("a", "a.example", "2025-05-20", title=title), told))
    desk.restart(seed=1)
    desk.take(batch(article("b", "b.example", "2025-05-20", title=title), told, names=NAMES))
    (held,) = stored(desk)
    assert [bool(report.mention.article.gist) for report in held.reports] == [False, True]
    assert numbers("Wakatobi", "sinks") <= set(held.profile.gist)


def test_a_dozen_names_in_common_say_more_than_a_few_but_no_more_than_the_most() -> None:
    def alike(shared: int) -> float:
        mention = sunk()
        gist = tuple(range(100, 100 + shared))
        profile = of_mention(mention, (), gist)
        return score(profile, profile, RARE, same_article=False, repeated=False).circumstances

    few, many, more, most = alike(4), alike(w.GIST_MANY), alike(w.GIST_MANY + 2), alike(40)
    assert few == many == w.SAME_GIST
    assert more == w.SAME_GIST + 2 * w.GIST_FURTHER
    assert most == w.SAME_GIST_MOST


def test_what_could_be_passed_over_for_its_gist_is_not_where_many_names_are_shared() -> None:
    gist = tuple(range(100, 124))
    profile = of_mention(sunk(), (), gist)
    whole = score(profile, profile, RARE, same_article=False, repeated=False)
    least = whole.total - 0.01
    assert score(profile, profile, RARE, same_article=False, repeated=False, least=least) == whole
