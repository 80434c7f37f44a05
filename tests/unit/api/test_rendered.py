from __future__ import annotations

from services.api.rendered import SUMMARY, WHOLE, Rendered
from services.contracts.state_codec import Codec, State, text_of


def _filled(most_bytes: int = 1_000) -> Rendered:
    rendered = Rendered(Codec(), most_bytes)
    for slot in (1, 2):
        rendered.put(slot, WHOLE, b'{"whole":%d}' % slot)
        rendered.put(slot, SUMMARY, b'{"short":%d}' % slot)
    return rendered


def test_a_state_is_rendered_in_either_form() -> None:
    codec = Codec()
    packed = bytes(4) + codec.pack(State(1, 0, text_of(b'{"title":"One"}', b'{"short":1}', b'{"long":2}')))
    rendered = Rendered(codec)
    assert rendered.render(packed, WHOLE) == b'{"title":"One","long":2}'
    assert rendered.render(packed, SUMMARY) == b'{"title":"One","short":1}'


def test_each_form_of_an_event_is_kept_for_itself() -> None:
    rendered = _filled()
    assert (rendered.get(1, WHOLE), rendered.get(1, SUMMARY)) == (b'{"whole":1}', b'{"short":1}')


def test_nothing_is_kept_of_a_slot_that_was_written() -> None:
    rendered = _filled()
    rendered.forget([1])
    assert rendered.get(1, WHOLE) is None
    assert rendered.get(1, SUMMARY) is None
    assert rendered.get(2, WHOLE) == b'{"whole":2}'
    rendered.forget([2])
    assert rendered.bytes == 0


def test_what_was_asked_for_longest_ago_makes_room() -> None:
    rendered = Rendered(Codec(), most_bytes=30)
    rendered.put(1, WHOLE, b"0123456789")
    rendered.put(2, WHOLE, b"0123456789")
    rendered.get(1, WHOLE)
    rendered.put(3, WHOLE, b"0123456789ab")
    assert [slot for slot in (1, 2, 3) if rendered.get(slot, WHOLE)] == [1, 3]
    assert rendered.bytes == 22
