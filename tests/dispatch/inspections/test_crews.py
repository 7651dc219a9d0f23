"""The crew that is sent: the smallest that covers the visit, of several that with the least load."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from dispatch.inspections.crews import new_crew
from dispatch.records.inspection import LARGEST_CREW, SHARED, SMALLEST_CREW, Inspector

FIELDS = st.frozensets(st.sampled_from("abcde"))


@given(st.lists(FIELDS, max_size=8), FIELDS, st.lists(st.integers(0, 3), min_size=8, max_size=8), st.integers(0, 2))
def test_no_smaller_crew_covers_the_visit_and_none_as_small_comes_first(held, needs, load, shared):
    """As trying every crew one by one would have it, which takes hours when the one holder is away."""
    people = [
        Inspector(f"o{at}", SHARED if at < shared else "t", certificates=certificates)
        for at, certificates in enumerate(held)
    ]
    loads = {who.id: load[at] for at, who in enumerate(people)}
    order = sorted(people, key=lambda who: (who.town == SHARED, loads[who.id], who.id))
    every = (crew for size in range(SMALLEST_CREW, LARGEST_CREW + 1) for crew in combinations(order, size))
    lawful = (crew for crew in every if needs <= frozenset().union(*(who.certificates for who in crew)))
    assert new_crew(people, needs, loads) == next(lawful, ())


def test_a_hopeless_visit_costs_no_search():
    """Sixty officers of a town in every mix of certificates but the one that is away: 5.5 million crews."""
    mixes = [frozenset(one for bit, one in enumerate("abcdef") if at >> bit & 1) for at in range(64)]
    people = [Inspector(f"o{at}", "t", certificates=mix) for at, mix in enumerate(mixes)]
    assert new_crew(people, frozenset("abcdefg"), {}) == ()
