"""A place in memory that can break off, and a net that knows nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from dragoman_models.errors import Broken, Missing
from dragoman_models.transfer import Opened


@dataclass
class MemoryPlace:
    """Files by name. `cut`: bytes after which each next transfer of a file breaks off."""

    files: dict[str, bytes] = field(default_factory=dict)
    cut: dict[str, list[int]] = field(default_factory=dict)
    ranges: bool = True
    told: bool = True  # the size of a file is told
    block: int = 1000
    address: str = "memory"
    asked: list[tuple[str, int]] = field(default_factory=list)

    @contextmanager
    def open(self, name: str, offset: int = 0) -> Iterator[Opened]:
        """See Place."""
        self.asked.append((name, offset))
        if name not in self.files:
            raise Missing(f"{self.address} has no {name}")
        data = self.files[name]
        begin = offset if self.ranges else 0
        yield Opened(begin, len(data) if self.told else 0, self._blocks(name, data, begin))

    def _blocks(self, name: str, data: bytes, begin: int) -> Iterator[bytes]:
        cuts = self.cut.get(name, [])
        end = cuts.pop(0) if cuts else len(data)
        for start in range(begin, end, self.block):
            yield data[start : min(start + self.block, end)]
        if end < len(data):
            raise Broken(f"{self.address} broke off")


@dataclass
class MemoryNet:
    """Every address is the same place."""

    where: MemoryPlace
    index_down: bool = False
    addresses: list[str] = field(default_factory=list)

    def place(self, address: str, headers: Any = None) -> MemoryPlace:
        """See Net."""
        self.addresses.append(address)
        return self.where
