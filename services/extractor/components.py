"""A spaCy pipeline's components as plain steps over a batch of Docs, the slow ones replaced by faster equals."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from spacy.tokens import Doc

from services.extractor.decoding import decide
from services.extractor.encoding import Encoder, encoder

BATCH_SIZE: Final = 256
"""Sentences a batch: what is decided word by word is decided for all of them at once."""
Step = Callable[[Sequence[Doc]], None]


def steps(pipeline: Any) -> list[Step]:
    """Return what the active components of ``pipeline`` do, in their order."""
    return [_step(component) for _, component in pipeline.pipeline]


def _step(component: Any) -> Step:
    if hasattr(component, "transition_states"):
        return partial(_decided, component)
    if hasattr(component, "predict") and hasattr(component, "set_annotations"):
        faster = encoder(component.model) if hasattr(component, "listeners") else None
        return partial(_encoded, component, faster) if faster is not None else partial(_predicted, component)
    return partial(_called, component)


def _decided(component: Any, docs: Sequence[Doc]) -> None:
    component.set_annotations(docs, decide(component, docs))


def _encoded(component: Any, faster: Encoder, docs: Sequence[Doc]) -> None:
    component.set_annotations(docs, faster.encode(docs))


def _predicted(component: Any, docs: Sequence[Doc]) -> None:
    component.set_annotations(docs, component.predict(docs))


def _called(component: Any, docs: Sequence[Doc]) -> None:
    for doc in docs:
        component(doc)


def batches(docs: Sequence[Doc]) -> Iterator[list[Doc]]:
    """Yield ``docs`` in batches of about the same length: what is decided word by word then ends together."""
    ordered = sorted(docs, key=len)
    for first in range(0, len(ordered), BATCH_SIZE):
        yield ordered[first : first + BATCH_SIZE]


def run(steps: Sequence[Step], docs: Sequence[Doc]) -> None:
    """Annotate ``docs`` in place."""
    for batch in batches(docs):
        for step in steps:
            step(batch)
