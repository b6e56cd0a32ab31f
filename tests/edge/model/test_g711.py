"""The tables are those of ITU-T G.711: spot values, symmetry, order."""

import numpy as np
import pytest

from dragoman_edge.model.g711 import ALAW, MULAW, Samples


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
    assert MULAW[byte] == sample


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
    assert ALAW[byte] == sample


@pytest.mark.parametrize(("table", "distinct"), [(MULAW, 255), (ALAW, 256)])
def test_a_table_is_symmetric_and_as_fine_as_its_law(table: Samples, distinct: int) -> None:
    assert len(table) == 256 and table.dtype == np.int16
    assert len(np.unique(table)) == distinct
    assert sorted(table.tolist()) == sorted((-table).tolist())


@pytest.mark.parametrize(("table", "first", "last"), [(MULAW, 8, 1024), (ALAW, 16, 1024)])
def test_steps_double_from_one_segment_to_the_next(table: Samples, first: int, last: int) -> None:
    steps = np.diff(np.unique(table[table > 0]))
    assert (np.sort(steps) == steps).all()  # finer where it is quiet
    kinds = np.unique(steps).tolist()
    assert (kinds[0], kinds[-1]) == (first, last)
