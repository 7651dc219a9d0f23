"""The script the browser runs is the build of the source beside it."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

import ui.map

MAP = Path(next(iter(ui.map.__path__)))
SOURCE, BUNDLE = MAP / "source", MAP / "bundle"


def fingerprint() -> str:
    """The hash of all source files, as source/build.mjs counts them."""
    files = {path.relative_to(SOURCE).as_posix(): path for path in SOURCE.rglob("*") if path.is_file()}
    total = hashlib.sha256()
    for name in sorted(name for name in files if not name.startswith("node_modules/")):
        total.update(name.encode() + b"\0" + files[name].read_bytes() + b"\0")
    return total.hexdigest()


def test_the_bundle_was_built_from_this_source():
    """A change of the source without `make map` would reach nobody. Needs neither node nor npm."""
    first_line = (BUNDLE / "index.js").open(encoding="utf-8").readline()
    found = re.search(r"sources sha256 ([0-9a-f]{64})", first_line)
    assert found
    assert found[1] == fingerprint(), "ui/map/source has changed since the bundle was built: run `make map`"


def test_building_again_gives_the_same_bytes(tmp_path: Path):
    """What is committed can be checked by anybody with node and the locked packages."""
    if shutil.which("node") is None:
        pytest.skip("no node on this machine; the fingerprint test stands for this one")
    if not (SOURCE / "node_modules").is_dir():
        pytest.skip("ui/map/source/node_modules is not installed: `make map` installs it")
    shutil.copytree(SOURCE, tmp_path / "source", ignore=shutil.ignore_patterns("node_modules"))
    os.symlink(SOURCE / "node_modules", tmp_path / "source" / "node_modules")
    subprocess.run(["node", "build.mjs"], cwd=tmp_path / "source", check=True, capture_output=True, timeout=120)
    for name in ("index.js", "LICENSES.txt"):
        assert (tmp_path / "bundle" / name).read_bytes() == (BUNDLE / name).read_bytes()


def test_every_package_is_locked_by_its_hash_and_by_no_address():
    """npm then takes what was looked at, from whichever registry the machine is set up for."""
    lock = json.loads((SOURCE / "package-lock.json").read_text())
    packages = {name: about for name, about in lock["packages"].items() if name}
    assert all("integrity" in about for about in packages.values())
    assert not any("resolved" in about for about in packages.values())


def test_every_bundled_package_comes_with_its_licence():
    """MIT, ISC and BSD ask for one thing: that their text comes along."""
    text = (BUNDLE / "LICENSES.txt").read_text(encoding="utf-8")
    entries = text.split("-" * 100)[1:]
    assert {entry.strip().splitlines()[0].rpartition(" ")[0] for entry in entries} >= {
        "@deck.gl/core",
        "@deck.gl/layers",
    }
    for entry in entries:
        licence = re.search(r"^Licence: (.+)$", entry, re.MULTILINE)
        assert licence
        assert licence[1] in {"MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0"}
        assert "Permission" in entry or "Redistribution" in entry


def test_the_bundle_is_small_enough_to_live_in_the_repository():
    """About a megabyte; ten would be a mistake in the build."""
    assert (BUNDLE / "index.js").stat().st_size < 1_500_000
