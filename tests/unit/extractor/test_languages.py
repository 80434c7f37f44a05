"""Which languages are read, and what happens to articles in others."""

from datetime import UTC, datetime

import pytest

from services.contracts.dateline.v1.article_pb2 import Article, UniqueArticle
from services.contracts.topics import ARTICLES_UNIQUE
from services.extractor import languages
from services.extractor.glossary import languages_with_tables
from services.extractor.languages import PipelineError, Readers, parse_setting, pipelines, primary
from services.extractor.nlp import DEFAULT_PIPELINE
from services.extractor.service import build
from services.extractor.stage import Extractor
from services.runtime.settings import SettingsError
from services.runtime.stage import Message, Outcome

NOW = datetime(2025, 3, 6, 12, tzinfo=UTC)


def article(language: str, text: str) -> Message:
    value = UniqueArticle(article=Article(id=f"a-{language}", title="", text=text, language=language))
    value.article.first_seen_at.FromDatetime(NOW)
    return Message(ARTICLES_UNIQUE, "a", value, f"a-{language}", NOW)


def test_a_language_without_a_pipeline_passes_without_mentions_and_is_counted() -> None:
    unread: list[str] = []
    extractor = Extractor("full", Readers(f"en={DEFAULT_PIPELINE}"), unread.append)
    messages = [
        article("de", "Die Polizei nahm zwei Verdächtige fest."),
        article("en", "Police in Lagos arrested three men on Monday."),
        article("pt-BR", "A polícia prendeu três homens."),
        article("en-GB", "Police in Leeds arrested two women on Monday."),
        article("tlh", "nuqneH"),
        article("", "Police in Riga arrested two drivers on Monday."),
    ]
    counts = [len(answer.emits) for answer in extractor.handle_many(messages, NOW) if isinstance(answer, Outcome)]
    assert counts == [0, 1, 0, 1, 0, 1]
    assert sorted(unread) == ["de", "other", "pt"]


@pytest.mark.parametrize(
    ("said", "meant"), [("en", "en"), ("en-GB", "en"), ("pt-BR", "pt"), ("zh_Hant", "zh"), ("FR", "fr"), ("", "en")]
)
def test_the_primary_language_decides(said: str, meant: str) -> None:
    assert primary(said) == meant


def test_pipelines_are_named_by_language() -> None:
    assert parse_setting(" en=a_b , fr=c ,") == {"en": "a_b", "fr": "c"}


@pytest.mark.parametrize("wrong", ["fr", "fr=", "=x", "f1=x"])
def test_a_setting_of_another_form_is_refused(wrong: str) -> None:
    with pytest.raises(PipelineError, match="language=package"):
        parse_setting(wrong)


def test_a_missing_pipeline_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PipelineError, match=r"fr_core_news_xl.*not installed"):
        pipelines("fr=fr_core_news_xl")
    monkeypatch.setattr(languages, "find_spec", lambda name: None)
    with pytest.raises(PipelineError, match=r"install dateline\[extractor-fr\]"):
        pipelines("fr=fr_core_news_sm")


def test_a_language_without_tables_is_named_with_the_file_it_needs() -> None:
    with pytest.raises(PipelineError, match=r"'nl' \(ontology/nl/rendered_triggers\.tsv\)"):
        pipelines(f"nl={DEFAULT_PIPELINE}")


def test_the_service_refuses_to_start_with_such_a_setting() -> None:
    with pytest.raises(SettingsError, match="DATELINE_PIPELINES"):
        build("full", "fr=fr_core_news_xl")


def test_a_pipeline_of_another_scheme_is_refused_at_the_start() -> None:
    with pytest.raises(SettingsError, match="Universal Dependencies"):
        build("full", f"fr={DEFAULT_PIPELINE}")


def test_without_a_setting_english_is_read_and_what_else_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(languages, "find_spec", lambda name: None)
    assert pipelines() == {"en": DEFAULT_PIPELINE}
    monkeypatch.setattr(languages, "find_spec", lambda name: object())
    assert set(pipelines()) == set(languages_with_tables())
