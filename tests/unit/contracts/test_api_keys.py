from __future__ import annotations

import pytest

from services.contracts.api_keys import ADMIN, READ, SUBSCRIBE, decode, digest, encode, issue, split

RANDOM = bytes(range(36))


def test_what_is_stored_of_a_key_does_not_hold_its_secret() -> None:
    text, key = issue(RANDOM, "newsroom", (READ,), "2031-11-19T09:00:00Z", 0)
    parts = split(text)
    assert parts is not None
    assert parts[1].encode() not in encode(key)
    assert (parts[0], digest(parts[1])) == (key.id, key.digest)


def test_a_stored_key_is_read_as_it_was_made() -> None:
    _, key = issue(RANDOM, "newsroom", (READ, SUBSCRIBE), "2031-11-19T09:00:00Z", 30)
    assert decode(encode(key)) == key


@pytest.mark.parametrize("text", ["", "dl_", "dl_00010203_short", "xx_00010203_" + "a" * 43, "dl_0001020G_" + "a" * 43])
def test_what_is_no_key_is_not_taken_apart(text: str) -> None:
    assert split(text) is None


def test_admin_may_do_everything_and_others_what_they_were_made_for() -> None:
    reader = issue(RANDOM, "", (READ,), "", 0)[1]
    admin = issue(RANDOM, "", (ADMIN,), "", 0)[1]
    assert [reader.may(READ), reader.may(SUBSCRIBE), admin.may(SUBSCRIBE)] == [True, False, True]
