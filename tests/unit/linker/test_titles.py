"""An event takes a headline that is about it, and one made of its fields where there is none."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker.merge import merge
from services.linker.report import Report
from tests.unit.linker.newsdesk import article, batch, says


def titled(event_type: str, title: str, trigger: str, *, where: str = "", sentence: str = "") -> event_pb2.Event:
    told = says(event_type, "occurred", where=where, sentence=sentence or title, in_title=not sentence)
    value = batch(article("a", "one.example", "2025-05-20", title=title), told).value
    assert isinstance(value, event_pb2.MentionBatch)
    mention = value.mentions[0]
    at = (sentence or title).index(trigger)
    mention.trigger_span.start, mention.trigger_span.end = at, at + len(trigger)
    mention.trigger_span.in_title = not sentence
    return merge([Report(1, mention)], {})


@pytest.mark.parametrize(
    ("event_type", "title", "trigger", "made"),
    [
        ("storm", "Hanoi summit called off as typhoon batters islands", "typhoon", "Storm hits Porto"),
        ("merger", "Dockers vote to strike over takeover", "takeover", "Merger announced in Porto"),
        ("arrest", "Toll in ferry sinking reaches 23, captain detained", "detained", "Arrest made in Porto"),
    ],
)
def test_a_headline_about_another_event_gives_way_to_one_made_of_fields(
    event_type: str, title: str, trigger: str, made: str
) -> None:
    assert titled(event_type, title, trigger, where="Porto").title == made


@pytest.mark.parametrize(
    ("event_type", "title", "trigger"),
    [
        ("prisoner-exchange", "Kenya, Uganda complete prisoner exchange", "exchange"),
        ("transport-accident", "Toll in ferry sinking reaches 23, captain detained", "sinking"),
    ],
)
def test_a_headline_about_the_event_serves(event_type: str, title: str, trigger: str) -> None:
    assert titled(event_type, title, trigger, where="Porto").title == title


def test_an_event_of_nobody_and_nowhere_is_called_by_its_sentence() -> None:
    sentence = (
        "At least 4,000 people have fled their homes since the fighting began in the north of the country last year."
    )
    title = titled("displacement", "Guns fall silent", "fled", sentence=sentence).title
    assert title.startswith("At least 4,000 people have fled")
    assert title.endswith("…")
    assert len(title) <= 91


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("They denounced the plan.", "Endorsement"),
        ("Police denounced the plan.", "Police denounced the plan"),
        ("Police denounced the plan, which " + "very " * 30 + "few had read.", "Police denounced the plan"),
    ],
)
def test_a_sentence_stands_for_a_headline_where_it_reads_by_itself(sentence: str, title: str) -> None:
    told = titled("endorsement", "Guns fall silent", "denounced", sentence=sentence).title
    assert told == (sentence.rstrip(".") if title == "Endorsement" else title)


def test_a_clause_that_lacks_its_verb_stands_for_no_headline() -> None:
    sentence = "The fee that police denounced, some " + "very " * 30 + "small sum, is to go."
    assert titled("endorsement", "Guns fall silent", "denounced", sentence=sentence).title.endswith("…")


def test_the_sentence_is_one_that_tells_the_present_status() -> None:
    told = [
        says("market-move", status, sentence=f"Shares are {status} now.", time="2025-05-21")
        for status in ("planned", "occurred")
    ]
    reports = []
    for day, mention in enumerate(told):
        value = batch(article(f"a{day}", "one.example", f"2025-05-{20 + day}", title="Guns"), mention).value
        assert isinstance(value, event_pb2.MentionBatch)
        reports.append(Report(day, value.mentions[0]))
    assert merge(reports[:1], {}).title == "Shares are planned now"
    assert merge(reports, {}).title == "Shares are occurred now"


def test_of_what_says_little_the_sentence_says_more() -> None:
    title = titled("market-move", "Guns fall silent", "fell", where="Porto", sentence="Shares fell in Porto.").title
    assert title == "Shares fell in Porto"


def test_a_title_changes_with_the_toll_and_not_with_every_report() -> None:
    reports: list[Report] = []
    titles: list[str] = []
    for hour, killed in enumerate((12, 12, 12, 19, 19, 19)):
        told = says("fire", "occurred", where="Porto", killed=killed, in_title=True)
        ref = article(
            f"a{hour}", f"s{hour}.example", f"2025-05-20T{hour * 3:02}:00", title=f"{killed} die in fire, {hour}"
        )
        value = batch(ref, told).value
        assert isinstance(value, event_pb2.MentionBatch)
        reports.append(Report(hour, value.mentions[0]))
        titles.append(merge(reports, {}).title)
    assert titles == ["12 die in fire, 0"] * 3 + ["19 die in fire, 3"] * 3


def told_of(
    event_type: str, sentence: str, trigger: str, *who: str, where: str, origin: str = "text"
) -> event_pb2.Event:
    told = says(event_type, "occurred", who, where=where, sentence=sentence)
    told.place.origin = origin
    value = batch(article("a", "one.example", "2025-05-20", title="Guns fall silent"), told).value
    assert isinstance(value, event_pb2.MentionBatch)
    mention = value.mentions[0]
    at = sentence.index(trigger)
    mention.trigger_span.start, mention.trigger_span.end = at, at + len(trigger)
    return merge([Report(1, mention)], {})


@pytest.mark.parametrize("origin", ["article", "dateline"])
def test_a_place_that_only_the_article_speaks_of_stands_in_no_title(origin: str) -> None:
    told = told_of("arrest", "Police arrested Lund.", "arrested", "target=Ida Lund", where="Porto", origin=origin)
    assert told.title == "Ida Lund arrested"


def test_a_country_named_in_another_clause_is_not_where_those_of_another_country_did_it() -> None:
    sentence = "In what could end the fighting in Ukraine, Lund, who was held by Russia, was freed."
    told = told_of("release", sentence, "freed", "target=Ida Lund/USA", "source=RUS", where="UKR")
    assert told.title == "Russia frees Ida Lund"


@pytest.mark.parametrize(
    ("sentence", "trigger"), [("In Ukraine, Lund was freed.", "freed"), ("Lund was freed in Ukraine.", "freed")]
)
def test_a_country_named_beside_the_deed_is_where_it_was_done(sentence: str, trigger: str) -> None:
    told = told_of("release", sentence, trigger, "target=Ida Lund/USA", where="UKR")
    assert told.title == "Ida Lund freed in Ukraine"


def test_a_body_that_resigns_is_called_by_the_sentence_since_only_people_do() -> None:
    told = told_of("resignation", "Time constants of CO departed.", "departed", "source=org:CO", where="Porto")
    assert told.title == "Time constants of CO departed"


def test_one_side_of_talks_alone_says_less_than_the_sentence() -> None:
    told = told_of(
        "negotiations", "Lund spoke to a startup.", "spoke", "party=Ida Lund", where="Porto", origin="article"
    )
    assert told.title == "Lund spoke to a startup"


def test_what_joins_a_sentence_to_the_one_before_is_left_out() -> None:
    told = told_of("announcement", "But Lund told the papers so.", "told", "source=Ida Lund", where="Porto")
    assert told.title == "Lund told the papers so"


@pytest.mark.parametrize(
    "sentence",
    [
        '"When I was bigger, I surely used my size as a shield against others who meant me no good, '
        + 'or so" he said.',
        "If students are assaulted or arrested at one university, students at each of the others will come out too.",
    ],
)
def test_a_clause_cut_off_in_a_quotation_or_before_its_main_clause_stands_for_no_headline(sentence: str) -> None:
    told = titled("announcement", "Guns fall silent", sentence.split()[3], sentence=sentence)
    assert told.title.endswith("…")


def test_what_many_could_be_said_to_do_gives_way_to_the_beginning_of_the_sentence() -> None:
    sentence = "Lund, in return, has promised to hand back the four boats that her coast guard captured in the spring."
    told = told_of("pledge", sentence, "promised", "source=Ida Lund", where="Porto", origin="article")
    assert told.title.startswith("Lund, in return, has promised to hand back the four boats")
