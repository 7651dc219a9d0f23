"""The street network as a graph to search in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from gis.streets import Streets

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """How ``n`` places hang on the network: up to two nodes each (n, 2) and the cost to or from them, inf for none."""

    node: NDArray[np.int32]
    cost: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """The cheapest edge between every two nodes that have one, and the same turned round."""

    forward: csr_array
    backward: csr_array
    edge: NDArray[np.int64]  # of each entry of ``forward``
    key: NDArray[np.int64]  # tail * n + head of each entry, rising

    @classmethod
    def of(cls, streets: Streets, cost: Floats) -> Graph:
        """Sparse matrices sum what stands twice, so the least of parallel edges is taken first; loops lead nowhere."""
        n = len(streets.lon)
        edges = np.flatnonzero(np.isfinite(cost) & (streets.tail != streets.head))
        key = streets.tail[edges].astype(np.int64) * n + streets.head[edges]
        order = np.lexsort((cost[edges], key))
        key, edges = key[order], edges[order]
        least = np.r_[True, key[1:] != key[:-1]] if key.size else np.zeros(0, dtype=bool)
        key, edges = key[least], edges[least]
        forward = csr_array((cost[edges], (streets.tail[edges], streets.head[edges])), shape=(n, n))
        return cls(forward, csr_array(forward.T), edges, key)

    def with_starts(self, ends: Ends, *, backwards: bool) -> tuple[csr_array, NDArray[np.int64]]:
        """The graph with one more node for each place, from which one search runs; no edge leads into these."""
        graph = self.backward if backwards else self.forward
        n, count = graph.shape[0], len(ends.node)
        there = ends.cost < np.inf
        data = np.concatenate([graph.data, ends.cost[there]])
        indices = np.concatenate([graph.indices, ends.node[there]]).astype(np.int32)
        indptr = np.concatenate([graph.indptr, graph.indptr[-1] + np.cumsum(there.sum(axis=1))]).astype(np.int32)
        return csr_array((data, indices, indptr), shape=(n + count, n + count)), np.arange(n, n + count)

    def edges_along(self, nodes: NDArray[np.int64]) -> NDArray[np.int64]:
        """The edges that join each node to the next."""
        n: int = self.forward.shape[0]
        return self.edge[np.searchsorted(self.key, nodes[:-1] * n + nodes[1:])]


def twins(streets: Streets) -> NDArray[np.int64]:
    """The opposite direction of each edge on the same piece, -1 where there is none."""
    twin = np.full(len(streets.tail), -1, dtype=np.int64)
    first = np.flatnonzero(streets.piece[1:] == streets.piece[:-1])
    twin[first], twin[first + 1] = first + 1, first
    return twin


def walk(before: NDArray[np.int32], node: int, start: int) -> NDArray[np.int64]:
    """Nodes from the first after ``start`` to ``node``."""
    nodes = [node]
    while (node := int(before[node])) != start:
        nodes.append(node)
    return np.array(nodes[::-1], dtype=np.int64)
