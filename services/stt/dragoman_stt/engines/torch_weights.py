"""Weights out of a file of torch's old format, without torch: pickles, then the storages as raw floats.

A pickle may run code; this reader builds nothing but containers and arrays and refuses all else.
"""

import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float32]]
MAGIC, VERSION = 119547037146038801333356, 1001
MOST_FLOATS = 64 << 20  # of one storage


class WeightsError(ValueError):
    """The file is not of this format, or holds something other than floats."""


@dataclass(frozen=True, slots=True)
class _Tensor:
    """Where a tensor lies: floats from `offset` of a storage, in this shape and with these strides."""

    storage: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _Unpickler(pickle.Unpickler):
    """Names of classes are looked up here only."""

    def find_class(self, module: str, name: str) -> Any:
        known: dict[tuple[str, str], Callable[..., Any] | str] = {
            ("collections", "OrderedDict"): OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _rebuilt,
            ("torch", "FloatStorage"): "floats",
        }
        if (module, name) not in known:
            raise WeightsError("the file of weights holds something other than floats")
        return known[module, name]

    def persistent_load(self, pid: Any) -> str:
        kind, floats, key, _, count, *_ = pid
        if kind != "storage" or floats != "floats" or not 0 <= count <= MOST_FLOATS:
            raise WeightsError("the file of weights holds something other than floats")
        return str(key)


def _rebuilt(storage: str, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any) -> _Tensor:
    return _Tensor(storage, offset, shape, strides)


def read(path: Path, entry: str) -> Mapping[str, Array]:
    """The tensors of one entry of a file, by name. Blocks.

    Raises:
        WeightsError: the file is not what it should be.
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        try:
            head = [_Unpickler(file).load() for _ in range(3)]
            entries = _Unpickler(file).load()
            keys = _Unpickler(file).load()
        except (pickle.UnpicklingError, EOFError, TypeError, AttributeError, IndexError) as exc:
            raise WeightsError("the file of weights is not of torch's old format") from exc
        if head[:2] != [MAGIC, VERSION] or not isinstance(entries, dict) or not isinstance(keys, list):
            raise WeightsError("the file of weights is not of torch's old format")
        storages = {str(key): _storage(file) for key in keys}
    wanted = entries.get(entry, {})
    return {name: _array(tensor, storages) for name, tensor in wanted.items() if isinstance(tensor, _Tensor)}


def _storage(file: BufferedReader) -> Array:
    count = int.from_bytes(file.read(8), "little")
    if count > MOST_FLOATS or len(data := file.read(4 * count)) != 4 * count:
        raise WeightsError("the file of weights is cut off")
    return np.frombuffer(data, "<f4").astype(np.float32)


def _array(tensor: _Tensor, storages: Mapping[str, Array]) -> Array:
    floats = storages.get(tensor.storage)
    size = int(np.prod(tensor.shape))
    contiguous = tuple(int(np.prod(tensor.shape[n + 1 :])) for n in range(len(tensor.shape)))
    if floats is None or tensor.strides != contiguous or not 0 <= tensor.offset <= len(floats) - size:
        raise WeightsError("the file of weights has a tensor outside its storage")
    made: Array = floats[tensor.offset : tensor.offset + size].reshape(tensor.shape)
    return made
