"""Close codes for the APIs that document none (RFC 6455 section 7.4.1)."""

import pytest

from dragoman_contract.errors import FaultCode, FaultKind, error_for
from dragoman_edge.dialects.close_codes import close_code


def test_without_an_error_the_end_is_a_normal_one() -> None:
    assert close_code(None) == close_code(None, {FaultCode.BUSY: 4000}) == 1000


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.REQUEST, 1008),
        (FaultKind.CREDENTIAL, 1008),
        (FaultKind.ACCOUNT, 1008),
        (FaultKind.LIMIT, 1008),
        (FaultKind.SESSION, 1008),
        (FaultKind.CAPACITY, 1013),
        (FaultKind.FAILURE, 1011),
    ],
)
def test_the_kind_of_a_fault_decides(kind: FaultKind, code: int) -> None:
    faults = [fault for fault in FaultCode if fault.kind is kind]
    assert faults and {close_code(error_for(fault)) for fault in faults} == {code}


def test_what_an_api_has_of_its_own_goes_first() -> None:
    assert close_code(error_for("busy"), {FaultCode.BUSY: 1012}) == 1012
    assert close_code(error_for("draining"), {FaultCode.BUSY: 1012}) == 1013
