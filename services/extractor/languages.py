"""Which languages are read, each by which installed spaCy pipeline.

A language needs two things: a folder in ``ontology/`` and a pipeline for it. English is read as it is; the sentences of
other languages are rendered in English words first (``gloss``), which asks for a pipeline with labels after Universal
Dependencies. Pipelines that the settings name are loaded, and so checked, when the process starts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any, Final, Protocol

import pycountry
import spacy
from spacy import about, util
from spacy.tokens import Doc

from services.extractor.components import BATCH_SIZE
from services.extractor.gloss import Renderer
from services.extractor.glossary import ENGLISH, Glossary, languages_with_tables
from services.extractor.nlp import DEFAULT_PIPELINE, Parser, default_parser
from services.extractor.tables import rows
from services.extractor.trees import open_circles

_PARTS: Final = ("parser", "ner", "lemmatizer")
"""Components that a pipeline for rendering must have."""
_UD: Final = frozenset({"nsubj", "obj", "case", "nmod"})
"""Labels that tell a parser trained on Universal Dependencies."""


class PipelineError(OSError):
    """A language cannot be read as the settings ask; the text says what to install or to change."""


class Reader(Protocol):
    """What turns sentences of one language into Docs that the rules read."""

    def may_hold(self, text: str) -> bool:
        """True where a sentence may hold an event."""
        ...

    def tokenize(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` as tokens alone."""
        ...

    def parse(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` tagged and parsed."""
        ...

    def enrich(self, docs: Sequence[Doc]) -> None:
        """Add what only sentences with events need to parsed ``docs``, in place."""
        ...


class RenderingParser:
    """Reads a language that is not English: parses with its own pipeline, renders in English words."""

    def __init__(self, language: str, pipeline: str) -> None:
        """Load ``pipeline`` and the tables of ``language``. Raises PipelineError or, for a bad table, ValueError."""
        self._nlp: Any = spacy.load(pipeline)
        missing = [name for name in _PARTS if not self._nlp.has_pipe(name)]
        if missing:
            raise PipelineError(
                f"the pipeline {pipeline!r} for {language!r} has no {' or '.join(missing)}: name another one"
            )
        if not set(self._nlp.get_pipe("parser").labels) >= _UD:
            raise PipelineError(
                f"the pipeline {pipeline!r} for {language!r} is not labelled after Universal Dependencies: "
                "name another one"
            )
        self._glossary = Glossary(language, lambda text: [token.text for token in self._nlp.make_doc(text)])
        self._renderer = Renderer(self._glossary)

    def may_hold(self, text: str) -> bool:
        """True where a word of ``text`` begins as one that may name an event."""
        return self._glossary.may_hold(text)

    def tokenize(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` as English words without a parse."""
        return [self._renderer.words(self._nlp.make_doc(text)) for text in texts]

    def parse(self, texts: Sequence[str]) -> list[Doc]:
        """Return ``texts`` rendered in English words, with tags, labels, lemmas, parts of speech and entities."""
        docs = [self._renderer.render(doc) for doc in self._nlp.pipe(map(self._whole, texts), batch_size=BATCH_SIZE)]
        for doc in docs:
            open_circles(doc)
        return docs

    def enrich(self, docs: Sequence[Doc]) -> None:
        """Leave ``docs`` as they are: rendering needs lemmas and names, so they have them already."""

    def _whole(self, text: str) -> Doc:
        """Return the tokens of a sentence that the parser must not cut in two."""
        doc: Doc = self._nlp.make_doc(text)
        for token in doc[1:]:
            token.is_sent_start = False
        return doc


@cache
def known_pipelines() -> Mapping[str, tuple[str, str]]:
    """Return by language the pipeline that is taken where the settings name none, and the extra that installs it."""
    return {language: (pipeline, extra) for language, pipeline, extra, *_ in rows("languages.tsv", columns=4)}


def parse_setting(text: str) -> dict[str, str]:
    """Return language to pipeline from "en=...,fr=...". Raises PipelineError for anything else."""
    found: dict[str, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        language, sign, pipeline = (piece.strip() for piece in part.partition("="))
        if not sign or not language.isalpha() or not pipeline:
            raise PipelineError(
                f"DATELINE_PIPELINES: {part!r} is not of the form language=package, such as fr=fr_core_news_sm"
            )
        found[language.lower()] = pipeline
    return found


def pipelines(setting: str = "") -> dict[str, str]:
    """Return what is read: language to pipeline.

    An empty setting means every language whose tables and usual pipeline are there. Raises PipelineError, naming the
    package or the file that is missing, where a named language cannot be read.
    """
    named = parse_setting(setting)
    if not named:
        return {
            language: pipeline
            for language, (pipeline, _) in known_pipelines().items()
            if language in languages_with_tables() and (find_spec(pipeline) is not None or language == ENGLISH)
        }
    for language, pipeline in named.items():
        if language not in languages_with_tables():
            raise PipelineError(
                f"DATELINE_PIPELINES: there is no trigger file for {language!r} "
                f"(ontology/{language}/rendered_triggers.tsv); there is for: {', '.join(languages_with_tables())}"
            )
        for problem in _problems(language, pipeline):
            raise PipelineError(f"DATELINE_PIPELINES: {problem}")
    return named


def _problems(language: str, pipeline: str) -> Iterator[str]:
    if find_spec(pipeline) is None:
        known, extra = known_pipelines().get(language, ("", ""))
        advice = f"install {extra}" if pipeline == known else "install its package"
        yield f"the spaCy pipeline {pipeline!r} for {language!r} is not installed: {advice}, or name another one"
        return
    wanted = str(util.get_model_meta(util.get_package_path(pipeline)).get("spacy_version", ""))
    if wanted and util.is_compatible_version(about.__version__, wanted) is False:
        yield (
            f"the spaCy pipeline {pipeline!r} for {language!r} wants spaCy {wanted}, {about.__version__} is installed: "
            "install a version of it that fits"
        )


class Readers(Mapping[str, Reader]):
    """The readers of all languages that are read; each is loaded when it is first asked for."""

    def __init__(self, setting: str = "") -> None:
        """Check the pipelines that ``setting`` names, and load them; see ``pipelines``.

        The usual ones, taken where it names none, are loaded when they are needed first: a second one takes memory.
        """
        self._pipelines = pipelines(setting)
        for language, pipeline in self._pipelines.items():
            if setting.strip() or language == ENGLISH:
                load_reader(language, pipeline)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._pipelines))

    def __len__(self) -> int:
        return len(self._pipelines)

    def __contains__(self, language: object) -> bool:
        return language in self._pipelines

    def __getitem__(self, language: str) -> Reader:
        """Return the reader of a language. Raises KeyError where it is not read."""
        return load_reader(language, self._pipelines[language])


@cache
def load_reader(language: str, pipeline: str) -> Reader:
    """Return what reads ``language``, loaded once a process (it takes a second)."""
    if language == ENGLISH:
        return default_parser() if pipeline == DEFAULT_PIPELINE else Parser(pipeline)
    return RenderingParser(language, pipeline)


def listed(language: str) -> str:
    """Return ``language`` where ISO 639-1 has it, else "other": what feeds call a language need be none."""
    known = len(language) == 2 and pycountry.languages.get(alpha_2=language) is not None
    return language if known else "other"


def primary(language: str) -> str:
    """Return the primary subtag of a BCP 47 language, lower case: "pt" of "pt-BR"; English where there is none.

    Feeds that say nothing are English more often than anything else, and the fetcher decides so too.
    """
    return language.replace("_", "-").partition("-")[0].strip().lower() or ENGLISH
