"""The language of a text is read from the text; what feed and page declare decides only where that tells too little."""

from __future__ import annotations

import pytest

from services.fetcher.language import detected, language_of

TEXTS = {
    "en": "The minister said on Tuesday that the dam would hold and that the villages below it would have to wait.",
    "fr": "Le ministre a déclaré mardi que le barrage tiendrait et que les villages en aval devraient attendre.",
    "de": "Der Minister sagte am Dienstag, der Damm werde halten und die Dörfer müssten noch etwas warten.",
    "es": "El ministro dijo el martes que la presa aguantaría y que los pueblos tendrían que esperar todavía.",
    "ru": "Министр заявил во вторник, что плотина выдержит и что деревням ниже по течению придётся подождать.",
    "ar": "قال الوزير يوم الثلاثاء إن السد سيصمد وإن القرى الواقعة أسفله سيتعين عليها الانتظار بعض الوقت.",
    "zh": "部长周二表示，大坝将能够承受住压力，下游的村庄还需要再等待一段时间才能得到进一步的消息和帮助。",
}


@pytest.mark.parametrize("language", TEXTS)
@pytest.mark.parametrize("declared", ["en-US", "", "it", "nonsense!"])
def test_what_is_read_outweighs_what_is_declared(language: str, declared: str) -> None:
    assert language_of("", [TEXTS[language]], declared, "en") == language


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("Kenya Uganda accord", "fr-FR", "fr"),
        ("2026", "pt_BR", "pt"),
        ("2026", "", "en"),
        ("", "", "en"),
    ],
)
def test_what_is_declared_decides_where_the_text_tells_too_little(text: str, declared: str, language: str) -> None:
    assert language_of(text, [], declared, "en") == language


def test_among_languages_that_resemble_each_other_the_declaration_decides() -> None:
    norwegian = "Statsministeren sa tirsdag at demningen ville holde, og at landsbyene nedenfor måtte vente litt til."
    assert detected(norwegian)[0] in ("no", "nb", "nn", "da")
    assert language_of("", [norwegian], "nb-NO", "en") == "nb"
