"""The root of all errors."""

from protocol.errors import ErrorCode, SpecInvalid, StudioError


def test_an_error_is_its_code_its_message_and_its_data() -> None:
    error = SpecInvalid(reason="no file")

    assert str(error) == "The spec is not valid: no file."
    assert error.as_dict() == {
        "code": "spec_invalid",
        "message": "The spec is not valid: no file.",
        "data": {"reason": "no file"},
    }


def test_an_error_without_a_code_of_its_own_is_internal_and_permanent() -> None:
    assert StudioError().code is ErrorCode.INTERNAL
    assert StudioError().permanent
