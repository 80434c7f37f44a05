"""From token vectors to trees and names: the decisions of spaCy's transition systems, without the lock in their way.

spaCy decides step by step in a region without Python's global lock, but its compiled checks take and drop that lock for
every look at a token (measured with perf on spaCy 3.8: more than half of the time of parser and names). Called step by
step with the lock held, the same code decides the same in half the time.

Names need no steps at all: outside a name a decision depends on nothing decided before, so all words are decided at
once, and only the words within a name one after the other. See spaCy's ``_parser_internals/ner.pyx`` for the moves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from spacy.attrs import IS_SPACE, SENT_START
from spacy.tokens import Doc

from services.extractor.encoding import Encoder, Floats

_INSIDE, _OUTSIDE, _BEGIN = 1, 2, 3
"""What ENT_IOB says of a token (https://spacy.io/api/token#attributes)."""
_FEATURES: Final = 3
"""What a decision on names sees: the word, the first word of the open name, the word before."""
_MARKS: Final = [SENT_START, IS_SPACE]
_WALL: Final = np.float32(-np.inf)


def decide(pipe: Any, docs: Sequence[Doc]) -> list[Any]:
    """Return the final states of ``docs``, which ``pipe.set_annotations`` takes: what ``pipe.predict`` returns."""
    if pipe.cfg["beam_width"] != 1 or not any(len(doc) for doc in docs):
        found: list[Any] = pipe.predict(docs)
        return found
    batch: list[Any] = pipe.moves.init_batch(docs)
    model = pipe.model.predict(docs)
    states = [state for state in batch if not state.is_final()]
    scored = _scored(pipe.model, model)
    while states:
        states = pipe.transition_states(states, scored(states))
    model.clear_memory()
    return batch


def _scored(model: Any, step: Any) -> Callable[[list[Any]], Floats]:
    """Return what ``step.predict`` does for states that are not final, without its detours."""
    if not model.attrs["has_upper"] or model.attrs["unseen_classes"]:
        predicted: Callable[[list[Any]], Floats] = step.predict
        return predicted
    upper = model.get_ref("upper")
    weights, bias = upper.get_param("W").T, upper.get_param("b")

    def scores(states: list[Any]) -> Floats:
        found: Floats = step.state2vec.predict(step.get_token_ids(states)) @ weights
        found += bias
        return found

    return scores


class NameDecoder:
    """Finds the named entities that a spaCy component finds. To be used by one thread at a time."""

    def __init__(self, pipe: Any) -> None:
        """Read the weights of ``pipe``, a component for entities. Raises ValueError where it is of another kind."""
        model = pipe.model
        lower, upper = model.get_ref("lower"), model.get_ref("upper")
        tokens = [layer.name.partition(">>")[0] for layer in model.layers[0].layers]
        if tokens[1:] != ["list2array", "linear"] or lower.get_dim("nF") != _FEATURES or lower.get_dim("nP") < 2:
            raise ValueError(f"{model.name} is no transition-based parser with an upper layer")
        if not model.attrs["has_upper"] or model.attrs["unseen_classes"] or pipe.cfg["beam_width"] != 1:
            raise ValueError(f"{model.name} decides in another way")
        _, _, self._linear = model.layers[0].layers
        self._encoder: Encoder = Encoder(model.layers[0].layers[0])
        self._lower, self._upper = lower, upper
        self._weights: Floats = upper.get_param("W")
        self._bias: Floats = upper.get_param("b")
        names: list[str] = [pipe.moves.get_class_name(number) for number in range(pipe.moves.n_moves)]
        strings = pipe.vocab.strings
        self._labels = [strings[name[2:]] if name[2:] else 0 for name in names]
        number_of = {name: number for number, name in enumerate(names)}
        # In, last: what may follow a begin of the same label.
        self._after = {
            number_of[name]: (number_of["I" + name[1:]], number_of["L" + name[1:]]) for name in names if name[0] == "B"
        }
        first = np.array([name[0] in "BUO" and name != "U-" for name in names])
        self._closed: Floats = np.where(first, self._bias, _WALL).astype(np.float32)
        """Bias of each move while no name is open."""
        self._begins = np.array([name[0] == "B" for name in names])
        self._names = np.array([name[0] in "BU" for name in names])
        self._out = number_of["O"]

    def find(self, docs: Sequence[Doc]) -> list[NDArray[np.uint64]]:
        """Return for each of ``docs``, parsed, an array (tokens, 2) of ENT_IOB and ENT_TYPE."""
        lengths = [len(doc) for doc in docs]
        if not sum(lengths):
            return [np.zeros((0, 2), dtype=np.uint64) for _ in docs]
        vectors = self._linear.predict(np.concatenate(self._encoder.encode(docs)))
        features = self._lower.predict(vectors)  # (1 + tokens, _FEATURES, hidden, pieces), for no token first
        nothing, seen = features[0], features[1:]
        bias = self._lower.get_param("b")
        marks = np.concatenate([doc.to_array(_MARKS).reshape(-1, len(_MARKS)) for doc in docs])
        ends = np.zeros(len(marks), dtype=bool)  # no name goes beyond these
        ends[:-1] = marks[1:, 0] == 1
        ends[np.cumsum([length for length in lengths if length]) - 1] = True
        scores = _best(seen[:, 0] + (nothing[1] + nothing[2] + bias)) @ self._weights.T
        scores += self._closed
        scores[np.ix_(ends, self._begins)] = _WALL
        scores[np.ix_(marks[:, 1] == 1, self._names)] = _WALL
        moves: list[int] = scores.argmax(axis=1).tolist()
        found = np.zeros((len(marks), 2), dtype=np.uint64)
        found[:, 0] = _OUTSIDE
        at = 0
        while at < len(moves):
            move = moves[at]
            if move != self._out:
                stop = self._end(at, move, seen, bias, ends) if move in self._after else at
                found[at : stop + 1, 0] = _INSIDE
                found[at : stop + 1, 1] = self._labels[move]
                found[at, 0] = _BEGIN
                at = stop
            at += 1
        return list(np.split(found, np.cumsum(lengths)[:-1]))

    def _end(self, start: int, move: int, seen: Floats, bias: Floats, ends: NDArray[np.bool_]) -> int:
        """Return the last token of the name that begins with ``move`` at ``start``."""
        both = list(self._after[move])
        weights, offsets = self._weights[both], self._bias[both]
        opened = seen[start, 1] + bias
        at = start + 1
        while not ends[at]:
            inside, last = weights @ _best(seen[at, 0] + opened + seen[at - 1, 2]) + offsets
            if last > inside:
                break
            at += 1
        return at


def _best(raw: Floats) -> Floats:
    """Return the largest piece of each output (maxout); pieces are the last axis."""
    found = raw[..., 0]
    for piece in range(1, raw.shape[-1]):
        found = np.maximum(found, raw[..., piece])
    return found


def name_decoder(pipe: Any) -> NameDecoder | None:
    """Return what finds the names of ``pipe`` faster; None where spaCy has to do it itself."""
    try:
        return NameDecoder(pipe)
    except (ValueError, AttributeError, KeyError):
        return None
