from __future__ import annotations

import pytest

from services.api.webhook_config import Secret, with_new_secret
from services.api.webhook_signing import format_secret, parse_secret, sign, signed_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def test_the_test_vector_of_the_specification_is_met() -> None:
    signature = sign(parse_secret(SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_message_carries_one_signature_for_each_secret() -> None:
    other = format_secret(b"x" * 32)
    headers = signed_headers((other, SECRET), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"].split()[1] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert headers["webhook-timestamp"] == "1614265330"


@pytest.mark.parametrize("text", ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_%%%", ""])
def test_what_is_no_secret_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match="24 to 64") as caught:
        parse_secret(text)
    assert not text or text not in str(caught.value)


def test_the_secret_before_signs_for_a_day_and_an_older_one_no_more() -> None:
    rotated = with_new_secret((Secret("b"), Secret("a", 500)), "c", now_ms=1_000)
    assert rotated == (Secret("c"), Secret("b", 1_000 + 86_400_000))
