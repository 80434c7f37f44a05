"""When events happen, told against the day of publication."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.extractor.eventtimes import event_time
from services.extractor.times import find_times, speaks_of_past, told_day
from services.extractor.timespans import TimeSpan
from tests.unit.extractor.parsing import find, sentences, unparsed

TUESDAY = datetime(2024, 10, 15, 9, 30, tzinfo=UTC)


def dated(text: str, word: str, past: bool | None = True, anchor: TimeSpan | None = None) -> tuple[str, str] | None:
    sentence, trigger = find(text, word)
    found = event_time(sentence, trigger, TUESDAY, past=past, anchor=anchor)
    return (found.start, found.end) if found is not None else None


@pytest.mark.parametrize(
    ("text", "word", "start", "end"),
    [
        ("A bomb exploded in Quetta on Tuesday.", "exploded", "2024-10-15", "2024-10-15"),
        ("A bomb exploded in Quetta on Wednesday.", "exploded", "2024-10-09", "2024-10-09"),
        ("Police raided the office on Sunday evening.", "raided", "2024-10-13", "2024-10-13"),
        ("The minister resigned yesterday.", "resigned", "2024-10-14", "2024-10-14"),
        ("The court convicted him last month.", "convicted", "2024-09-01", "2024-09-30"),
        ("The court convicted him last year.", "convicted", "2023-01-01", "2023-12-31"),
        ("The firm laid off staff earlier this year.", "laid", "2024-01-01", "2024-10-15"),
        ("She was arrested in March.", "arrested", "2024-03-01", "2024-03-31"),
        ("She was arrested in December.", "arrested", "2023-12-01", "2023-12-31"),
        ("She was arrested last May.", "arrested", "2024-05-01", "2024-05-31"),
        ("Rebels seized the town in June 2019.", "seized", "2019-06-01", "2019-06-30"),
        ("Rebels seized the town on 12 November.", "seized", "2023-11-12", "2023-11-12"),
        ("Rebels seized the town on Nov. 12, 2021.", "seized", "2021-11-12", "2021-11-12"),
        ("Rebels seized the town on August 3rd.", "seized", "2024-08-03", "2024-08-03"),
        ("The parties signed the accord in 2016.", "signed", "2016-01-01", "2016-12-31"),
        ("The quake struck four days ago.", "struck", "2024-10-11", "2024-10-11"),
        ("Fighters attacked the base over the weekend.", "attacked", "2024-10-12", "2024-10-13"),
        ("The bridge collapsed late last year.", "collapsed", "2023-09-02", "2023-12-31"),
        ("The dam was built in the 1990s.", "built", "1990-01-01", "1999-12-31"),
        ("Talks collapsed last week.", "collapsed", "2024-10-07", "2024-10-13"),
        ("Prices rose in recent weeks.", "rose", "2024-09-17", "2024-10-15"),
        ("The storm hit last summer.", "hit", "2024-06-01", "2024-08-31"),
    ],
)  # fmt: skip
def test_the_past_is_the_nearest_one(text: str, word: str, start: str, end: str) -> None:
    assert dated(text, word) == (start, end)


@pytest.mark.parametrize(
    ("text", "word", "start"),
    [
        ("The leaders will meet on Friday.", "meet", "2024-10-18"),
        ("The leaders will meet on Monday.", "meet", "2024-10-21"),
        ("The summit will open tomorrow.", "open", "2024-10-16"),
        ("Voters go to the polls in February.", "go", "2025-02-01"),
        ("The ban takes effect on 1 January.", "takes", "2025-01-01"),
        ("The launch is planned for next month.", "launch", "2024-11-01"),
        ("The strike will begin next Tuesday.", "begin", "2024-10-22"),
    ],
)
def test_the_future_is_the_next_one(text: str, word: str, start: str) -> None:
    found = dated(text, word, past=False)
    assert found is not None
    assert found[0] == start


def test_the_tense_is_guessed_from_the_words_before_where_the_caller_does_not_know_it() -> None:
    assert dated("The ministers are due to meet on Thursday.", "meet", past=None) == ("2024-10-17", "2024-10-17")
    assert dated("The ministers met on Thursday.", "met", past=None) == ("2024-10-10", "2024-10-10")


def test_days_after_dates_the_clause_that_follows_not_the_future() -> None:
    text = "Monday's arrest came three days after gunmen killed a judge in Durango."
    assert dated(text, "killed") == ("2024-10-11", "2024-10-11")
    assert dated(text, "arrest") == ("2024-10-14", "2024-10-14")


def test_days_after_without_a_main_time_counts_from_the_report() -> None:
    assert dated("The offer comes two weeks after workers walked out.", "walked") == ("2024-09-28", "2024-10-04")


def test_days_after_without_a_number_is_a_range_before_the_report() -> None:
    found = dated("Guinea's junta freed the trio, days after diplomats visited Conakry.", "visited")
    assert found == ("2024-10-09", "2024-10-13")


def test_the_next_day_follows_what_the_text_spoke_of_before() -> None:
    anchor = TimeSpan("2024-10-05", "2024-10-05", "day", "5 October")
    assert dated("The next day, troops withdrew.", "withdrew", anchor=anchor) == ("2024-10-06", "2024-10-06")
    assert dated("Two days later, troops withdrew.", "withdrew", anchor=anchor) == ("2024-10-07", "2024-10-07")
    assert dated("Two days later, troops withdrew.", "withdrew") is None


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("He was freed after three years of detention.", "freed"),
        ("She was sentenced to almost seven years in jail.", "sentenced"),
        ("The 72-year-old was arrested.", "arrested"),
        ("Fighting lasted for two days.", "Fighting"),
        ("He was serving a 14-year sentence when he escaped.", "escaped"),
        ("At the time, police fired tear gas.", "fired"),
        ("The company may march on and buy a rival.", "buy"),
        ("He wrote the 1987 book on trade.", "wrote"),
    ],
)
def test_durations_ages_and_sentences_are_no_times(text: str, word: str) -> None:
    assert dated(text, word) is None


@pytest.mark.parametrize(
    ("text", "word", "start"),
    [
        ("Omar Diallo, who was jailed in 2019, was pardoned on Sunday.", "jailed", "2019-01-01"),
        ("Omar Diallo, who was jailed in 2019, was pardoned on Sunday.", "pardoned", "2024-10-13"),
        ("The reporter remains in prison after she was detained in May 2023.", "detained", "2023-05-01"),
        ("During a visit to Lima on Saturday, the king signed a treaty.", "visit", "2024-10-12"),
        ("When the envoy arrived on Monday evening, crowds cheered.", "arrived", "2024-10-14"),
        ("At the time of her arrest in August 2021, Ilmi was a student.", "arrest", "2021-08-01"),
    ],
)
def test_each_clause_has_its_own_time(text: str, word: str, start: str) -> None:
    found = dated(text, word)
    assert found is not None
    assert found[0] == start


def test_a_time_of_another_clause_does_not_date_the_event() -> None:
    assert dated("Two men who were arrested in June deny that they robbed the bank.", "robbed") is None
    assert dated("The army said on Monday that rebels had shelled the port.", "shelled") is None


def test_granularity_and_words_are_kept() -> None:
    sentence, trigger = find("Rebels seized the town in June 2019.", "seized")
    found = event_time(sentence, trigger, TUESDAY, past=True)
    assert found is not None
    assert (found.granularity, found.text, found.origin) == ("month", "June 2019", "text")


def test_expressions_come_with_their_tokens() -> None:
    sentence = sentences("On Monday police searched the house, and yesterday they searched it again.")[0]
    found = find_times(sentence, TUESDAY, past=True)
    assert [sentence.doc[item.start : item.end].text for item in found] == ["Monday", "yesterday"]


def test_without_a_parse_the_nearest_expression_counts() -> None:
    sentence = unparsed("Police arrested two men in Oslo on Friday.")[0]
    found = event_time(sentence, sentence[1], TUESDAY, past=True)
    assert found is not None
    assert found.start == "2024-10-11"


@pytest.mark.parametrize(
    "text", ["", " ", "31 February", "on 99 May 0000", "the last last week of of", "…", "in 2024-13-45"]
)
def test_odd_input_raises_nothing(text: str) -> None:
    sentence = unparsed(text)[0]
    assert isinstance(find_times(sentence, TUESDAY), list)


def test_a_leap_day_without_a_year_is_looked_for_in_years_that_have_it() -> None:
    assert dated("The ferry sank on 29 February.", "sank") == ("2024-02-29", "2024-02-29")


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("The plane crashed in January this year.", "crashed", ("2024-01-01", "2024-01-31")),
        ("The team won the title in the 1959 season.", "won", ("1959-01-01", "1959-12-31")),
        ("The 1950s model died on Monday.", "died", ("2024-10-14", "2024-10-14")),
        ("The minister flew to Oslo on Monday to visit the king.", "visit", ("2024-10-14", "2024-10-14")),
    ],
)
def test_a_time_belongs_to_what_it_tells_of(text: str, word: str, expected: tuple[str, str]) -> None:
    assert dated(text, word) == expected


def test_what_was_announced_was_announced_before_the_report() -> None:
    sentence, _ = find("The sale announced on Thursday will save jobs.", "save")
    (found,) = find_times(sentence, TUESDAY, past=False)
    assert found.time.start == "2024-10-10"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In 1964 the stadium hosted a rally.", True),
        ("Rebels shelled the town in March 2022.", True),
        ("Rebels shelled the town on Monday.", False),
        ("Rebels shelled the town.", False),
        ("The talks will resume in 2026.", False),
    ],
)
def test_a_sentence_of_bygone_years_speaks_of_the_past(text: str, expected: bool) -> None:
    assert speaks_of_past(sentences(text)[0], TUESDAY) is expected


@pytest.mark.parametrize(
    ("text", "word", "start", "end"),
    [
        ("The 2013 floods ruined the harvest.", "floods", "2013-01-01", "2013-12-31"),
        ("The ferry sank overnight between Sunday and Monday.", "sank", "2024-10-13", "2024-10-14"),
        ("Police put out a fire that killed two people last month.", "fire", "2024-09-01", "2024-09-30"),
        ("The ministers flew to Oslo on Friday to negotiate.", "negotiate", "2024-10-11", "2024-10-11"),
    ],
)
def test_times_are_read_with_the_verb_they_stand_by(text: str, word: str, start: str, end: str) -> None:
    assert dated(text, word, past=None if word == "fire" else True) == (start, end)


def test_a_strike_the_week_after_next_lies_two_weeks_ahead() -> None:
    assert dated("Teachers will strike the week after next.", "strike", past=False) == ("2024-10-28", "2024-11-03")


def test_days_after_an_event_count_from_its_day() -> None:
    crash = TimeSpan("2024-10-07", "2024-10-07", "day", "October 7")
    text = "Two days after the crash, the minister resigned."
    assert dated(text, "resigned", anchor=crash) == ("2024-10-09", "2024-10-09")
    assert dated(text, "crash", anchor=crash) == ("2024-10-07", "2024-10-07")


def test_what_lies_ahead_is_not_dated_by_the_day_it_was_decided() -> None:
    sentence, trigger = find("The parties agreed on Monday to hold talks.", "talks")
    assert event_time(sentence, trigger, TUESDAY, past=False, ahead=True) is None


def test_the_day_a_source_spoke_is_known() -> None:
    assert told_day(sentences("Two men were arrested, police said on Sunday.")[0], TUESDAY) == "2024-10-13"
    assert told_day(sentences("Two men were arrested on Sunday, police said.")[0], TUESDAY) == ""


def test_what_an_event_was_followed_by_does_not_date_it() -> None:
    assert dated("The quake was followed by a flood on Monday.", "quake") is None
