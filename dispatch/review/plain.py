"""Other people's names made fit for files: text that XML, cells and file systems take."""

from __future__ import annotations

import re

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_NO_FILE_NAME = re.compile(r"[^\w.-]+")
_LOOKS_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
LONGEST_CELL = 32_767
LONGEST_NAME_BYTES = 90


def plain(text: str) -> str:
    """``text`` with a replacement character for every one that XML forbids; line ends are those of Unix.

    Examples
    --------
    >>> plain("a\\x07b") == "a\\ufffdb"
    True
    """
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def in_line(text: str) -> str:
    """``text`` as one line, every run of blanks and line ends as one blank."""
    return " ".join(plain(text).split())


def in_cell(text: str) -> str:
    """``text`` as a cell shows it: at most 32,767 UTF-16 units, and what only looks like Excel's escape is escaped."""
    shown = _LOOKS_ESCAPED.sub("_x005F_", plain(text))
    return shown.encode("utf-16-le")[: 2 * LONGEST_CELL].decode("utf-16-le", "ignore")


def file_name(text: str) -> str:
    """``text`` as part of a file name: letters of any script, digits, ``_ . -``; not empty, not hidden, up to 90 bytes.

    Two texts may get the same name; who writes many files keeps them apart.

    Examples
    --------
    >>> file_name("../老王 面馆?"), file_name("..."), file_name("=1+1")
    ('老王_面馆', '_', '1_1')
    """
    name = _NO_FILE_NAME.sub("_", plain(text)).encode()[:LONGEST_NAME_BYTES].decode(errors="ignore")
    return name.strip("._-") or "_"
