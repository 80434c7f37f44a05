from __future__ import annotations

from services.api.rendered import SUMMARY, WHOLE, Rendered
from services.contracts.state_codec import Codec, State, text_of


def _packed(codec: Codec, revision: int, title: str) -> bytes:
    text = text_of(f'{{"title":"{title}"}}'.encode(), b'{"short":1}', b'{"long":2}')
    return bytes(4) + codec.pack(State(revision, 0, text))


def test_each_form_of_a_state_is_its_own() -> None:
    codec = Codec()
    rendered, packed = Rendered(codec), _packed(codec, 1, "One")
    for _ in range(2):
        assert rendered.get(packed, WHOLE) == b'{"title":"One","long":2}'
        assert rendered.get(packed, SUMMARY) == b'{"title":"One","short":1}'


def test_what_changed_is_rendered_anew() -> None:
    codec = Codec()
    rendered = Rendered(codec)
    rendered.get(_packed(codec, 1, "One"), WHOLE)
    assert rendered.get(_packed(codec, 2, "Two"), WHOLE) == b'{"title":"Two","long":2}'


def test_no_more_is_kept_than_allowed() -> None:
    codec = Codec()
    rendered = Rendered(codec, most_bytes=1_000)
    for number in range(100):
        assert b"Event" in rendered.get(_packed(codec, number + 1, f"Event {number}"), WHOLE)
        assert rendered.bytes <= 1_000
