"""A lighter tokenizer cuts texts as spaCy's does, and the models see of its words what they saw before."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import spacy
from spacy.attrs import NAMES

from services.extractor.nlp import DEFAULT_PIPELINE
from services.extractor.tokenizing import UNREAD, lighten

SEEN = ["ORTH", "LOWER", "NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY", "IS_SPACE", "LIKE_NUM", "IS_PUNCT", "IS_UPPER"]
TEXTS = (
    "Zubrowka's minister couldn't say (he'd left) how many Quexians it'll send to the U.S. or U.K.-led mission.",
    "10km from Qazbeg; 5kg, $3bn, US$40m, €5m, 30C, 7pm, 9 a.m., 3.5%, No.10, 1990s, 20th and £4,500-a-week.",
    "gonna cannot Im dont cant wanna “quoted”word end.Start right-wing cease-fire km2 www.example.org/x?y=1 a@b.org",
    "Überraschung in Zürich: naïve Çelik, 东京 🙂🙂 مرحبا привет — №5 … O’Neill and d'Artagnan's l'Équipe",
    "tabs\tand\n\nnewlines   and  gaps ",
    "ALLCAPS CamelCase x Q XVI Jr. Gen. vs. etc. Mr.Smith",
)


@pytest.fixture(scope="module")
def pipelines() -> tuple[Any, Any]:
    """The English pipeline as it comes, and lightened; no other test has shown them a word."""
    plain, light = spacy.load(DEFAULT_PIPELINE), spacy.load(DEFAULT_PIPELINE)
    lighten(light)
    return plain, light


@pytest.mark.parametrize("text", TEXTS)
def test_tokens_are_those_of_spacy(pipelines: tuple[Any, Any], text: str) -> None:
    plain, light = (pipeline.make_doc(text) for pipeline in pipelines)
    assert [token.text_with_ws for token in light] == [token.text_with_ws for token in plain]
    np.testing.assert_array_equal(light.to_array(SEEN), plain.to_array(SEEN))


def test_a_pipeline_with_other_components_is_left_alone() -> None:
    pipeline = spacy.blank("en")
    pipeline.add_pipe("entity_ruler").add_patterns([{"label": "NUMBER", "pattern": [{"LIKE_NUM": True}]}])
    lighten(pipeline)
    assert [entity.text for entity in pipeline("They saw seventeen ships.").ents] == ["seventeen"]


def test_no_rule_reads_an_attribute_that_words_no_longer_have() -> None:
    unread = "|".join(NAMES[attribute].lower() for attribute in UNREAD)
    for module in (Path(__file__).parents[3] / "services" / "extractor").glob("*.py"):
        found = re.findall(rf"\.(?:{unread})\b", module.read_text(encoding="utf-8"))
        assert not found, f"{module.name} reads {found}: take it out of tokenizing.UNREAD"
