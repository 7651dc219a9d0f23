"""Replications on a Dask cluster say the same as here; without Dask, or without a cluster, that is said."""

from __future__ import annotations

import sys

import pytest

from gis.schemas import BadInput
from simulation.players import Players
from tests.simulation.experimenting import fortnight


def test_without_dask_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(BadInput, match=r"gridbeat\[cluster\]"):
        list(Players(cluster="tcp://127.0.0.1:8786").each(fortnight(), [0], 1))


def test_a_cluster_of_this_machine_says_the_same():
    """Only where the extra is installed; it is not among the locked packages."""
    distributed = pytest.importorskip("distributed")
    here = {"host": "127.0.0.1", "protocol": "tcp", "dashboard_address": None}
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, processes=False, **here) as cluster:
        there = dict(Players(cluster=cluster.scheduler_address).each(fortnight(), [0, 1], 4))
        with pytest.raises(BadInput, match="address of a Dask scheduler"):
            list(Players(cluster="nonsense").each(fortnight(), [0], 1))
    here = dict(Players().each(fortnight(), [0, 1], 4))
    assert {number: one.as_text() for number, one in there.items()} == {n: one.as_text() for n, one in here.items()}
