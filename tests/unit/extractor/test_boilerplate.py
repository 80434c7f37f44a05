from __future__ import annotations

import pytest

from services.extractor import boilerplate as module
from services.extractor.boilerplate import agencies, boilerplate, hinted, matches, mute_words


def dropped(text: str) -> str:
    rows = hinted(text)
    return next((scope for scope in ("paragraph", "sentence") if matches(text, scope, rows)), "")


def test_every_row_finds_its_own_example() -> None:
    assert len(boilerplate()) > 50
    assert {row.scope for row in boilerplate()} == {"words", "sentence", "paragraph"}


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (["words", "x", "y", "x"], "hint and pattern do not match the example"),
        (["words", "y", "x", "x"], "hint and pattern do not match the example"),
    ],
)
def test_a_faulty_row_is_named(row: list[str], wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = module.rows
    monkeypatch.setattr(
        module, "rows", lambda name, *, columns: [row] if "boiler" in name else real(name, columns=columns)
    )
    with pytest.raises(ValueError, match=wrong):
        boilerplate.__wrapped__()


@pytest.mark.parametrize(
    "text",
    [
        "Sign up here to get our morning briefing.",
        "Follow us on X for the latest.",
        "Watch: Crowds gather in Lisbon",
        "This article was updated on Tuesday to add a statement.",
        "This is a developing story. Check back for updates.",
        "Additional reporting by Ines Costa in Lisbon.",
        "Reuters reporter Ines Costa contributed to this report.",
        "Copyright 2031 Example Media. All rights reserved.",
        "Editor’s note: This story contains descriptions of violence.",
        "Story continues below",
    ],
)
def test_a_sentence_about_the_page_is_dropped(text: str) -> None:
    assert dropped(text) == "sentence"


@pytest.mark.parametrize(
    "text",
    [
        "FILE PHOTO: Soldiers attack a village near Lisbon in May.",
        "Officers arrest a protester in Lisbon. (AP Photo/Ines Costa)",
        "A ferry sank off Lisbon on Monday. Ines Costa/Getty Images",
        "Image caption, Protesters clashed with police",
        "By Ines Costa and Joao Pires",
        "Rescuers at the scene. (Ines Costa/AFP)",
    ],
)
def test_a_caption_or_byline_is_dropped(text: str) -> None:
    assert dropped(text) == "paragraph"


@pytest.mark.parametrize(
    "text",
    [
        "The general told Reuters.",
        "Residents followed the rescue on Facebook.",
        "Workers sign up for the strike in Lisbon.",
        "The watch was stolen from a shop in Lisbon.",
        "The minister read the letter and resigned.",
        "The files were seized by police.",
        "By midnight police had arrested 40 protesters.",
        "The photo shows soldiers attacking a village (pictured).",
        "The bank updated its forecast on Monday.",
        "The newsletter's publisher was arrested.",
        "The firm said its reporting by region would change.",
        "The correction of the border was agreed on Monday.",
        "Two aid workers contributed to the release of the hostages.",
    ],
)
def test_news_that_only_sounds_so_is_kept(text: str) -> None:
    assert dropped(text) == ""


@pytest.mark.parametrize(
    ("text", "mute"),
    [
        ("The army did not respond to questions about the raid.", "not respond to questions"),
        ("A spokesman declined to comment on the arrests.", "declined to comment on"),
        ("The envoy could not be reached for comment on Monday.", "reached for comment"),
        ("Calls to the embassy seeking comment were not returned.", None),
        ("An aide, who was freed in May, had no immediate comment.", "no immediate comment"),
        ("He spoke on condition of anonymity to discuss the planned raid.", None),
        ("He responded to the attack by closing the border.", ""),
        ("The court declined to free the suspect.", ""),
        ("The president refused to return the prisoners.", ""),
    ],
)
def test_words_that_say_nothing_are_mute(text: str, mute: str | None) -> None:
    spans = mute_words(text, hinted(text))
    said = " ".join(text[start:end] for start, end in spans)
    assert said == mute if mute is not None else len(said) > len(text) / 2


def test_agencies_have_a_kind() -> None:
    assert agencies()["AP"] == "news"
    assert agencies()["Getty Images"] == "pictures"
