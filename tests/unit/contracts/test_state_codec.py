from __future__ import annotations

from itertools import pairwise

import pytest

from services.contracts.state_codec import Codec, CodecError, State, text_of

SLOT = b"\0\0\0\7"


def state(revision: int, title: str = "Kenya and Uganda sign fishing accord") -> State:
    common = b'{"id":"x","title":"%s","revision":%d}' % (title.encode(), revision)
    return State(revision, revision * 1_000_000, text_of(common, b'{"changes":[]}', b'{"evidence":["long"]}'))


def test_a_state_is_read_as_it_was_packed() -> None:
    codec = Codec()
    assert codec.unpack(SLOT + codec.pack(state(3))) == state(3)


def test_either_form_is_whole_json() -> None:
    assert state(1, "A").whole() == b'{"id":"x","title":"A","revision":1,"evidence":["long"]}'
    assert state(1, "A").summary() == b'{"id":"x","title":"A","revision":1,"changes":[]}'


def test_all_earlier_states_are_read_back_from_the_latest() -> None:
    codec, states = Codec(), [state(number, f"title {number}" * 40) for number in range(1, 30)]
    earlier = [codec.pack_earlier(one, after) for one, after in pairwise(states)]
    assert list(codec.back(states[-1], earlier)) == states[::-1]


def test_an_earlier_state_costs_little_more_than_what_differs() -> None:
    long = "A sentence that both states hold alike, word for word, and a second one. " * 20
    assert len(Codec().pack_earlier(state(1, long), state(2, long))) < 60


@pytest.mark.parametrize("value", [b"", b"short", SLOT + b"\0" * 30])
def test_what_is_no_state_is_refused(value: bytes) -> None:
    with pytest.raises(CodecError):
        Codec().unpack(value)


def test_an_earlier_state_beside_the_wrong_one_is_refused() -> None:
    codec = Codec()
    packed = codec.pack_earlier(state(1, "a" * 90), state(2, "a" * 90))
    try:
        wrong = list(codec.back(state(9, "z"), [packed]))[1]
    except CodecError:
        return
    assert wrong != state(1, "a" * 90)
