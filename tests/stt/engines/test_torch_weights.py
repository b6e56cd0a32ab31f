"""Weights are read from torch's old format, and nothing else is."""

import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dragoman_stt.engines.torch_weights import MAGIC, VERSION, WeightsError, read


class _Global:
    """A name in a pickle; classes of torch are not there to be named."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


_Base: Any = pickle._Pickler  # the one of Python, which can be extended


class _Pickler(_Base):  # type: ignore[misc]
    """Writes names as they are, and storages by their ids."""

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, _Global):
            self.write(b"c" + f"{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, _Tensor):
            self._tensor(obj)
        else:
            super().save(obj, save_persistent_id)

    def _tensor(self, tensor: "_Tensor") -> None:
        self.save(_Global("torch._utils", "_rebuild_tensor_v2"))
        self.write(b"((")
        storage: tuple[Any, ...] = (
            "storage",
            _Global("torch", tensor.kind),
            tensor.key,
            "cpu",
            tensor.count,
            None,
        )
        for part in storage:
            self.save(part)
        self.write(b"tQ")
        rest: tuple[Any, ...] = (tensor.offset, tensor.shape, tensor.strides, False, OrderedDict())
        for part in rest:
            self.save(part)
        self.write(b"tR")


class _Tensor:
    def __init__(
        self, key: str, count: int, offset: int, shape: tuple[int, ...], strides: tuple[int, ...],
        kind: str = "FloatStorage",
    ) -> None:  # fmt: skip
        self.key, self.count, self.offset, self.kind = key, count, offset, kind
        self.shape, self.strides = shape, strides


def written(tmp_path: Path, tensors: Any, storages: dict[str, list[float]], magic: int = MAGIC) -> Path:
    out = io.BytesIO()
    for part in (magic, VERSION, {"little_endian": True}, {"state": tensors, "step": 7}, list(storages)):
        _Pickler(out, 2).dump(part)
    for floats in storages.values():
        out.write(len(floats).to_bytes(8, "little") + np.array(floats, "<f4").tobytes())
    path = tmp_path / "weights.pt"
    path.write_bytes(out.getvalue())
    return path


def test_tensors_are_parts_of_storages(tmp_path: Path) -> None:
    tensors = OrderedDict(a=_Tensor("1", 6, 0, (2, 2), (2, 1)), b=_Tensor("1", 6, 4, (2,), (1,)))
    found = read(written(tmp_path, tensors, {"1": [1, 2, 3, 4, 5, 6]}), "state")
    assert found["a"].tolist() == [[1, 2], [3, 4]]
    assert found["b"].tolist() == [5, 6]


@pytest.mark.parametrize(
    "tensor",
    [
        _Tensor("1", 4, 2, (2, 2), (2, 1)),  # behind its end
        _Tensor("1", 4, 0, (2, 2), (1, 2)),  # transposed
        _Tensor("2", 4, 0, (2,), (1,)),  # of no storage
        _Tensor("1", 4, 0, (2,), (1,), "LongStorage"),
        _Tensor("1", 1 << 40, 0, (2,), (1,)),
        _Global("os", "system"),
    ],
)
def test_what_is_no_whole_tensor_of_floats_is_refused(tmp_path: Path, tensor: Any) -> None:
    with pytest.raises(WeightsError):
        read(written(tmp_path, OrderedDict(a=tensor), {"1": [1, 2, 3, 4]}), "state")


def test_another_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsError):
        read(written(tmp_path, OrderedDict(), {}, magic=5), "state")
    for data in (b"", b"RIFF", b"(((", pickle.dumps(1)):
        (tmp_path / "other.pt").write_bytes(data)
        with pytest.raises(WeightsError):
            read(tmp_path / "other.pt", "state")


def test_a_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, OrderedDict(), {"1": [1, 2, 3, 4]})
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(WeightsError):
        read(path, "state")
