"""Where tables lie until a browser asks for them, each under the hash of its content."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from functools import cached_property

PAYS_BELOW = 0.9
TOO_SMALL_TO_SQUEEZE = 1_000


@dataclass(frozen=True)
class Blob:
    """Bytes that never change, and their gzip where it saves a tenth."""

    raw: bytes = field(repr=False)

    @cached_property
    def squeezed(self) -> bytes | None:
        if len(self.raw) < TOO_SMALL_TO_SQUEEZE:
            return None
        small = gzip.compress(self.raw, compresslevel=5, mtime=0)
        return small if len(small) < PAYS_BELOW * len(self.raw) else None


class Shelf:
    """Content-addressed store with a bound; what nobody put or asked for longest falls off first.

    Safe to use from several threads. Equal bytes have one address in every process, so a browser that has them
    never asks again and a second process behind the same proxy answers for the first once it has put them too.

    Parameters
    ----------
    limit_bytes
        Bytes kept, before gzip. The newest blob always stays, however large.
    prefix
        Path under which ``ui.map.routes`` serves the shelf.
    """

    def __init__(self, limit_bytes: int = 256_000_000, prefix: str = "/map") -> None:
        self.prefix = prefix.rstrip("/")
        self._limit = limit_bytes
        self._size = 0
        self._blobs: OrderedDict[str, Blob] = OrderedDict()
        self._kept: dict[str, Blob] = {}
        self._lock = threading.Lock()

    def put(self, raw: bytes, *, for_good: bool = False) -> str:
        """Keep ``raw``; the answer is its address, ``/map/{hash}``.

        What is put ``for_good`` never falls off and does not count against the limit: the ground of a place.
        """
        name = hashlib.blake2b(raw, digest_size=16).hexdigest()
        with self._lock:
            if for_good:
                self._kept.setdefault(name, Blob(raw))
            elif name in self._blobs:
                self._blobs.move_to_end(name)
            else:
                self._blobs[name] = Blob(raw)
                self._size += len(raw)
                self._drop_the_oldest()
        return f"{self.prefix}/{name}"

    def get(self, name: str) -> Blob | None:
        """What was put under this hash, or None when it never was or has fallen off."""
        with self._lock:
            if name in self._blobs:
                self._blobs.move_to_end(name)
            return self._blobs.get(name) or self._kept.get(name)

    def __len__(self) -> int:
        return len(self._blobs) + len(self._kept)

    @property
    def size_bytes(self) -> int:
        return self._size

    def _drop_the_oldest(self) -> None:
        while self._size > self._limit and len(self._blobs) > 1:
            _, blob = self._blobs.popitem(last=False)
            self._size -= len(blob.raw)
