"""Signatures as Standard Webhooks has them."""

from dragoman_archive.webhooks.signature import headers, secret


def test_a_message_is_signed_as_the_specification_says() -> None:
    """The example of its reference implementation."""
    shared, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    made = headers(shared, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert made == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_each_account_has_a_secret_of_its_own_that_is_not_its_key() -> None:
    first, second = secret(b"a" * 32), secret(b"b" * 32)
    assert first.startswith("whsec_") and first != second and first == secret(b"a" * 32)
    assert "YWFh" not in first
