"""Zip files that come out the same whenever they are written: no clock and no machine in them."""

from __future__ import annotations

import io
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first date that a zip file can tell."""
UNIX = 3
READABLE = 0o100644 << 16
ZIPS = (".docx", ".xlsx")
"""What is a zip itself and gets no smaller."""


class SealedZip:
    """A zip file being written whose entries all carry the same date, system and rights."""

    def __init__(self, target: IO[bytes]) -> None:
        self._zip = ZipFile(target, "w", ZIP_DEFLATED)

    def __enter__(self) -> SealedZip:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def add(self, name: str, content: bytes) -> None:
        """One more file."""
        info = ZipInfo(name, EARLIEST)
        info.create_system, info.external_attr = UNIX, READABLE
        info.compress_type = ZIP_STORED if name.endswith(ZIPS) else ZIP_DEFLATED
        self._zip.writestr(info, content)


def sealed(package: bytes) -> bytes:
    """An Office file with the dates of writing taken from its entries; order and content stay."""
    out = io.BytesIO()
    with ZipFile(io.BytesIO(package)) as source, SealedZip(out) as target:
        for name in source.namelist():
            target.add(name, source.read(name))
    return out.getvalue()
