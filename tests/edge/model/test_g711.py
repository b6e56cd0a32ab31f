"""The tables are those of ITU-T G.711: spot values, symmetry, order."""

from collections.abc import Callable

import numpy as np
import pytest

from dragoman_edge.model.g711 import ALAW, MULAW, Samples, _alaw, _mulaw


@pytest.mark.parametrize(
    ("byte", "sample"),
    [
        (0x00, -32124),
        (0x0F, -16764),
        (0x7F, 0),
        (0x80, 32124),
        (0x8F, 16764),
        (0xF0, 120),
        (0xFE, 8),
        (0xFF, 0),
    ],
)
def test_mu_law_bytes_are_samples_of_the_table(byte: int, sample: int) -> None:
    assert MULAW[byte] == _mulaw()[byte] == sample


@pytest.mark.parametrize(
    ("byte", "sample"),
    [
        (0x55, -8),
        (0xD5, 8),
        (0x54, -24),
        (0xD4, 24),
        (0x2A, -32256),
        (0xAA, 32256),
        (0xC5, 264),
        (0x45, -264),
        (0xF5, 528),
    ],
)
def test_a_law_bytes_are_samples_of_the_table(byte: int, sample: int) -> None:
    assert ALAW[byte] == _alaw()[byte] == sample


@pytest.mark.parametrize(("make", "distinct"), [(_mulaw, 255), (_alaw, 256)])
def test_a_table_is_symmetric_and_as_fine_as_its_law(make: Callable[[], Samples], distinct: int) -> None:
    table = make()
    assert len(table) == 256 and table.dtype == np.int16
    assert len(np.unique(table)) == distinct
    assert sorted(table.tolist()) == sorted((-table).tolist())


@pytest.mark.parametrize(("make", "first", "last"), [(_mulaw, 8, 1024), (_alaw, 16, 1024)])
def test_steps_double_from_one_segment_to_the_next(
    make: Callable[[], Samples], first: int, last: int
) -> None:
    table = make()
    steps = np.diff(np.unique(table[table > 0]))
    assert (np.sort(steps) == steps).all()  # finer where it is quiet
    kinds = np.unique(steps).tolist()
    assert (kinds[0], kinds[-1]) == (first, last)


def test_every_byte_is_the_sample_of_the_formula() -> None:
    for byte in range(256):
        code = ~byte & 0xFF
        exponent, mantissa = (code >> 4) & 7, code & 0x0F
        mu = ((2 * mantissa + 33) * 2**exponent - 33) * 4  # table 2: 14 bits, here in 16
        assert _mulaw()[byte] == (-mu if code & 0x80 else mu)
        code = byte ^ 0x55
        exponent, mantissa = (code >> 4) & 7, code & 0x0F
        size = (2 * mantissa + 33) * 2 ** (exponent - 1) if exponent else 2 * mantissa + 1
        assert _alaw()[byte] == (8 if code & 0x80 else -8) * size  # table 1: 13 bits, here in 16
