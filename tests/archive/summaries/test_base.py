"""A refusal of the content is the request's fault: the engine is well."""

from dragoman_archive.summaries.base import FilteredError
from dragoman_contract.errors import FaultCode


def test_a_filter_is_no_failure_of_the_engine() -> None:
    assert FilteredError().code is FaultCode.BAD_REQUEST and not FilteredError().code.kind.ours
