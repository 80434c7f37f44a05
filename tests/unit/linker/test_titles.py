"""An event takes a headline that is about it, and one made of its fields where there is none."""

from __future__ import annotations

import pytest

from services.contracts.dateline.v1 import event_pb2
from services.linker.merge import identify, merge, state_of
from services.linker.report import Report
from services.linker.reports import told_in_order
from tests.unit.linker.newsdesk import Desk, article, batch, says
from tests.unit.linker.newsstream import stream


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
    assert title == "At least 4,000 people fled their homes since the fighting began in the north of the country"


@pytest.mark.parametrize(
    ("sentence", "title"),
    [
        ("They denounced the plan.", "Endorsement"),
        ("Police denounced the plan on Monday.", "Police denounce the plan"),
        ("Police denounced the plan, which " + "very " * 30 + "few had read.", "Police denounce the plan"),
    ],
)
def test_a_sentence_stands_for_a_headline_where_it_reads_by_itself(sentence: str, title: str) -> None:
    assert titled("endorsement", "Guns fall silent", "denounced", sentence=sentence).title == title


def test_a_clause_that_lacks_its_verb_stands_for_no_headline() -> None:
    sentence = "The fee that police denounced, some " + "very " * 30 + "small sum, is to go."
    assert titled("endorsement", "Guns fall silent", "denounced", sentence=sentence).title.endswith("…")


def test_the_sentence_is_one_that_tells_the_present_status() -> None:
    told = [
        says("market-move", status, sentence=f"Shares in Porto are {status} now.", time="2025-05-21")
        for status in ("planned", "occurred")
    ]
    reports = []
    for day, mention in enumerate(told):
        value = batch(article(f"a{day}", "one.example", f"2025-05-{20 + day}", title="Guns"), mention).value
        assert isinstance(value, event_pb2.MentionBatch)
        reports.append(Report(day, value.mentions[0]))
    assert merge(reports[:1], {}).title == "Shares in Porto are planned now"
    assert merge(reports, {}).title == "Shares in Porto are occurred now"


def test_of_what_says_little_the_sentence_says_more() -> None:
    title = titled("market-move", "Guns fall silent", "fell", where="Porto", sentence="Shares fell in Porto.").title
    assert title == "Shares fall in Porto"


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
    assert told.title == "Time constants of CO depart"


def test_one_side_of_talks_alone_says_less_than_the_sentence() -> None:
    told = told_of(
        "negotiations", "Lund spoke to a startup.", "spoke", "party=Ida Lund", where="Porto", origin="article"
    )
    assert told.title == "Ida Lund speaks to a startup"


def test_what_joins_a_sentence_to_the_one_before_is_left_out() -> None:
    told = told_of("announcement", "But Lund told the papers so.", "told", "source=Ida Lund", where="Porto")
    assert told.title == "Ida Lund tells the papers so"


def told_by(*reports: tuple[str, str, float], event_type: str = "fire") -> event_pb2.Event:
    """An event that sentences tell, one a day: sentence, word that names it, number of those killed or 0."""
    made = []
    for day, (sentence, trigger, killed) in enumerate(reports):
        told = says(event_type, "occurred", sentence=sentence, where="Porto", killed=killed or None)
        value = batch(
            article(f"a{day}", f"s{day}.example", f"2025-05-{10 + day}", title="Guns fall silent"), told
        ).value
        assert isinstance(value, event_pb2.MentionBatch)
        mention = value.mentions[0]
        mention.trigger_span.start = sentence.index(trigger)
        mention.trigger_span.end = mention.trigger_span.start + len(trigger)
        made.append(Report(day, mention))
    return merge(made, {})


def test_a_sentence_is_the_title_until_status_or_toll_change() -> None:
    first = ("A blaze gutted the old market hall of Porto.", "blaze", 0)
    later = ("Flames destroyed the market hall in the centre of Porto.", "Flames", 0)
    assert told_by(first).title == "Blaze guts the old market hall of Porto"
    assert told_by(first, later).title == told_by(first).title
    assert told_by(first, later, ("Three died in the fire in Porto.", "fire", 3)).title == "3 killed in fire in Porto"


def test_a_sentence_that_gives_another_toll_than_the_one_shown_is_no_title() -> None:
    told = told_by(
        ("A raid on Porto killed 2 guards.", "raid", 2), ("The raid on Porto killed 5 guards.", "raid", 5),
        event_type="raid",
    )  # fmt: skip
    assert told.title == "Raid on Porto kills 5 guards"


def reports_of(*told: tuple[str, str, float]) -> list[Report]:
    """What outlets tell of a fire in Porto, one a day: headline, status, number of those killed or 0."""
    made = []
    for day, (title, status, killed) in enumerate(told):
        says_so = says("fire", status, sentence=title, where="Porto", in_title=True, killed=killed or None)
        if killed:
            says_so.quantities[0].text = f"{killed:g} people"
        value = batch(article(f"a{day}", f"s{day}.example", f"2025-05-{10 + day}", title=title), says_so).value
        assert isinstance(value, event_pb2.MentionBatch)
        made.append(Report(day, value.mentions[0]))
    return made


def test_a_toll_in_a_title_never_goes_back_when_a_later_report_has_none() -> None:
    reports = reports_of(
        ("Fire in Porto kills 14", "occurred", 14),
        ("Porto fire still burns, 29 dead", "ongoing", 29),
        ("Porto mourns victims of fire", "occurred", 0),
    )
    assert "14" not in merge(reports, {}).title


def test_a_headline_with_an_older_toll_than_the_one_shown_is_no_title_whoever_else_tells_it() -> None:
    reports = reports_of(("Fire in Porto kills 14", "occurred", 14), ("14 dead: fire in Porto is out", "occurred", 0))
    later = reports_of(("", "occurred", 0), ("", "occurred", 0), ("Fire in Porto has killed 29", "occurred", 29))[2:]
    assert merge([*reports, *later], {}).title == "Fire in Porto has killed 29"


def test_a_toll_beside_the_one_that_matters_most_keeps_no_headline_away() -> None:
    reports = reports_of(("Fire in Porto kills 1, hurts 2", "occurred", 1), ("Fire in Porto", "occurred", 1))
    for report, hurt in zip(reports, (2, 1), strict=True):
        report.mention.quantities.add(value=hurt, unit="people", measure="injured", text=f"{hurt} people")
    assert merge(reports, {}).title == "Fire in Porto kills 1, hurts 2"


def state(reports: list[Report], before: event_pb2.Event | None = None) -> event_pb2.Event:
    """The state that reports make of an event whose last state was ``before``."""
    ordered = told_in_order(reports)
    return state_of(identify(ordered), ordered, {}, before)


def test_further_headlines_change_no_title_while_nothing_it_tells_has_changed() -> None:
    (first, *_) = told = reports_of(("Blaze in Porto mill", "occurred", 0), ("Mill burns down in Porto", "occurred", 0))
    early = told[1].dated(told[1].arrived_us, first.told_us - 1)
    assert state([first, early]).title == "Mill burns down in Porto", "by itself the earlier headline would serve"
    assert state([first, early], state([first])).title == "Blaze in Porto mill"


@pytest.mark.parametrize(("earlier", "killed"), [("considered", 0), ("occurred", 3)])
def test_a_title_is_made_anew_where_status_or_toll_have_changed(earlier: str, killed: float) -> None:
    told = reports_of(("Blaze in Porto mill", earlier, 0), ("Mill burns down in Porto", "occurred", killed))
    assert state(told, state(told[:1])).title == "Mill burns down in Porto"


def test_a_title_is_made_anew_where_somebody_else_takes_part() -> None:
    told = reports_of(("Blaze in Porto mill", "occurred", 0), ("Guard sets Porto mill on fire", "occurred", 0))
    before = state(told[:1])
    before.participants.add(role="source", text="guards")
    early = told[1].dated(told[1].arrived_us, told[0].told_us - 1)
    assert state([told[0], early], before).title == "Guard sets Porto mill on fire"


@pytest.mark.parametrize(
    ("withdrawn", "title"),
    [("a", "Mill burns down in Porto"), ("b", "Blaze in Porto mill"), ("c", "Blaze in Porto mill")],
)
def test_a_title_goes_with_the_article_that_told_it_and_with_no_other(withdrawn: str, title: str) -> None:
    desk = Desk()
    told = says("fire", "occurred", where="Porto", time="2025-05-20", in_title=True, sentence="Mill burns")
    taken = {}
    for name, shown in (("a", "Blaze in Porto mill"), ("b", "Mill burns down in Porto"), ("c", "Mill on fire, Porto")):
        ref = article(name, f"{name}.example", "2025-05-20", title=shown)
        taken[name] = batch(ref, told)
        desk.take(taken[name])
    revised = article(withdrawn, f"{withdrawn}.example", "2025-05-21", title="Nothing burns in Porto", revision=2)
    value = taken[withdrawn].value
    assert isinstance(value, event_pb2.MentionBatch)
    desk.take(batch(revised, topic=taken[withdrawn].key, supersedes=value.article.id))
    (event,) = desk.live()
    assert event.title == title


def told_by_its_title(event: event_pb2.Event) -> tuple[object, ...]:
    who = sorted((p.role, p.entity.name or p.text) for p in event.participants)
    how_many = sorted((q.measure, q.unit, q.latest.value, q.latest.qualifier) for q in event.quantities)
    return event.type, event.status, event.place.name or event.place.text, who, how_many


@pytest.mark.parametrize("seed", [1, 2])
def test_no_title_changes_over_a_stream_of_news_unless_something_that_it_tells_does(seed: int) -> None:
    desk, held = Desk(), dict[str, event_pb2.Event]()
    repeated = 0
    for told in stream(seed, 40):
        for event in desk.take(told.message):
            before = held.get(event.id)
            if before is not None and told_by_its_title(before) == told_by_its_title(event):
                repeated += 1
                assert event.title == before.title
            held[event.id] = event
    assert repeated > 20


def test_a_dateline_stands_in_no_title() -> None:
    sentence = "PORTO, Portugal, 11 March (Wire) - " + "Very " * 20 + "many of those detained are free."
    title = titled("arrest", "Guns fall silent", "detained", sentence=sentence).title
    assert "Wire" not in title
    assert "PORTO" not in title


def test_what_is_told_in_the_first_place_goes_before_what_is_made_of_fields() -> None:
    sentence = "Lund arrested two of the guards in Porto on Friday, the harbour office said."
    told = told_of("arrest", sentence, "arrested", "source=Ida Lund", "target=Jo Banda", where="Porto")
    assert told.title == "Ida Lund arrests two of the guards in Porto"


def test_what_is_told_on_the_side_gives_way_to_what_is_made_of_fields() -> None:
    sentence = "The strike began after Lund arrested two of the guards."
    told = told_of("arrest", sentence, "arrested", "source=Ida Lund", "target=Jo Banda", where="Porto")
    assert told.title == "Ida Lund arrests Jo Banda in Porto"


def test_a_first_sentence_that_stands_for_the_headline_is_cut_to_one() -> None:
    sentence = (
        "Guards arrested Ida Lund, the mayor of Porto, at the harbour on Monday, the police said in the first of "
        "two statements on the matter that day."
    )
    assert titled("arrest", sentence, "arrested").title == "Guards arrest Ida Lund, the mayor of Porto, at the harbour"


@pytest.mark.parametrize(
    ("title", "trigger"),
    [
        ("Trial begins for shooting suspect in Porto", "shooting"),
        ("Man charged in deadly shooting at Porto mill", "shooting"),
    ],
)
def test_a_headline_about_what_came_of_an_event_is_not_its_title(title: str, trigger: str) -> None:
    assert titled("shooting", title, trigger, where="Porto").title == "Shooting reported in Porto"


@pytest.mark.parametrize(
    ("title", "trigger"),
    [
        ("Etna roars back to life, closing Porto airport", "closing"),
        ("As protests grow over budget, premier fires finance chief", "fires"),
    ],
)
def test_a_headline_that_tells_the_event_in_its_main_clause_or_as_the_outcome_serves(title: str, trigger: str) -> None:
    assert titled("restriction", title, trigger, where="Porto").title == title


def test_what_many_could_be_said_to_do_gives_way_to_the_sentence() -> None:
    sentence = "Lund, in return, has promised to hand back the four boats that her coast guard captured in the spring."
    told = told_of("pledge", sentence, "promised", "source=Ida Lund", where="Porto", origin="article")
    assert told.title.startswith("Ida Lund, in return, promises to hand back the four boats")
