"""The double-random draw: fair by its weights, lawful always, and the same again years later."""

import json
import math
from dataclasses import replace
from hashlib import sha256

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from dispatch.inspections.draw import AS_DRAWN, Draw, Entrant, draw, entrants, from_json, replay, to_json
from dispatch.inspections.lots import ALGORITHM, VERSION, Lots
from dispatch.records.inspection import SHARED, Inspector
from gis.schemas import BadInput
from tests.dispatch.inspections.street import RISKS, register

SHOPS = tuple(Entrant(f"P{n}", "A", weight) for n, weight in enumerate((1, 2, 3, 4, 6), start=1))
CREW = tuple(Inspector(f"O{n}", "A") for n in range(1, 7))
NOTICE = "2026 年第 3 号公告"


def philox(key, blocks):
    """Philox4x64-10 from the paper, written anew: what our streams are is then no secret of a library."""
    mask, words = 2**64 - 1, []
    for block in range(1, blocks + 1):
        c, k = [block, 0, 0, 0], [key & mask, key >> 64]
        for _ in range(10):
            a, b = 0xD2E7470EE14C6C93 * c[0], 0xCA5A826395121157 * c[2]
            c = [(b >> 64) ^ c[1] ^ k[0], b & mask, (a >> 64) ^ c[3] ^ k[1], a & mask]
            k = [(k[0] + 0x9E3779B97F4A7C15) & mask, (k[1] + 0xBB67AE8584CAA73B) & mask]
        words += c
    return words


def test_the_order_can_be_computed_without_numpy():
    """A court's expert in ten years may have neither our numpy nor our code, only this description."""
    key = sha256(f"{ALGORITHM}\n{VERSION}\npremises\n{NOTICE}".encode()).digest()[:16]
    words = philox(int.from_bytes(key, "big"), 2)
    shares = [((word >> 11) + 1) / 2**53 for word in words]
    expected = sorted(SHOPS, key=lambda shop: -math.log(shares[SHOPS.index(shop)]) / shop.weight)
    assert [each.premises for each in draw(NOTICE, SHOPS, CREW, 5).drawn] == [shop.id for shop in expected]


def test_this_very_draw_never_changes():
    """If it does, every record published so far can no longer be proved: give the algorithm a new version."""
    drawn = draw(NOTICE, SHOPS, CREW, 3).drawn
    assert [(each.premises, each.inspectors) for each in drawn] == [
        ("P1", ("O5", "O3")),
        ("P3", ("O5", "O1")),
        ("P5", ("O4", "O2")),
    ]


def test_the_same_seed_draws_the_same_and_another_draws_another():
    """Otherwise nothing can be proved, or nothing is random."""
    assert draw(NOTICE, SHOPS, CREW, 4) == draw(NOTICE, SHOPS, CREW, 4)
    others = {draw(f"{NOTICE} {n}", SHOPS, CREW, 4).drawn for n in range(20)}
    assert len(others) > 15


@settings(max_examples=40)
@given(st.permutations(SHOPS), st.permutations(CREW), st.text(min_size=1).filter(str.strip))
def test_the_order_of_the_registers_does_not_matter(shops, crew, seed):
    """Who sorts the register must not choose who is inspected."""
    assert draw(seed, shops, crew, 3) == draw(seed, SHOPS, CREW, 3)


TOWNS = st.sampled_from(["A", "B"])
CERTIFICATES = st.frozensets(st.sampled_from(["fire", "market"]))
REGISTER = st.lists(st.tuples(TOWNS, st.integers(1, 9), CERTIFICATES), min_size=1, max_size=6)
PEOPLE = st.lists(
    st.tuples(
        st.sampled_from(["A", "B", SHARED]), CERTIFICATES, st.frozensets(st.sampled_from([f"P{n}" for n in range(6)]))
    ),
    max_size=8,
)


@settings(max_examples=150)
@given(REGISTER, PEOPLE, st.integers(2, 5), st.integers(0, 10**6))
def test_every_crew_is_lawful_and_every_recusal_is_a_conflict(shops, people, size, seed):
    """No conflict ever, at least two, certificates covered, of the town or shared; else nobody goes, and why."""
    pool = {f"P{n}": Entrant(f"P{n}", *shop) for n, shop in enumerate(shops)}
    staff = {f"O{n}": Inspector(f"O{n}", town, "", holds, bars) for n, (town, holds, bars) in enumerate(people)}
    record = draw(str(seed), pool.values(), staff.values(), len(pool), size)
    assert sorted(each.premises for each in record.drawn) == sorted(pool)
    for each in record.drawn:
        shop, crew = pool[each.premises], [staff[id] for id in each.inspectors]
        near = [person for person in staff.values() if person.town in (shop.town, SHARED)]
        free = [person for person in near if shop.id not in person.conflicts]
        assert all(shop.id in staff[recusal.inspector].conflicts for recusal in each.recused)
        assert all(recusal.replaced_by in {*each.inspectors, ""} or each.why for recusal in each.recused)
        if each.why:
            held = frozenset[str]().union(*(person.certificates for person in free))
            assert not crew
            assert len(free) < size or not shop.needs <= held
            continue
        assert all(person in free for person in crew)
        assert size <= len(set(each.inspectors)) == len(crew) <= 5
        assert shop.needs <= frozenset[str]().union(*(person.certificates for person in crew))


def test_when_the_only_holder_is_recused_it_is_no_crew_and_not_no_certificate():
    """ "Nobody is certified" would send somebody to a course; the certificate is there and must not go."""
    shop = Entrant("P1", "A", 1, frozenset({"fire"}))
    two = [Inspector("O1", "A", "", frozenset({"fire"}), frozenset({"P1"})), Inspector("O2", "A", "", frozenset())]
    assert draw(NOTICE, [shop], two, 1).drawn[0].why == "no_crew"
    assert draw(NOTICE, [shop], two[1:], 1).drawn[0].why == "no_certificate"


def test_five_who_cover_it_go_where_those_drawn_first_would_be_six():
    """Six certificates, one officer with all of them but for one: whoever is drawn first, a lawful crew is there."""
    fields = frozenset("abcdef")
    shop = Entrant("P1", "A", 1, fields)
    staff = [Inspector(f"O{field}", "A", "", frozenset({field})) for field in sorted(fields)]
    staff += [Inspector("wide", "A", "", fields - {"f"})]
    before, after = [], []
    for n in range(40):
        before.append(draw(f"seed {n}", [shop], staff, 1, version=AS_DRAWN))
        after.append(draw(f"seed {n}", [shop], staff, 1))
        assert replay(before[-1], [shop], staff) == replay(after[-1], [shop], staff) == ()
    assert any(record.drawn[0].why for record in before), "else the seeds show nothing"
    for old, new in zip(before, after, strict=True):
        assert not new.drawn[0].why
        assert len(new.drawn[0].inspectors) <= 5
        assert new.drawn == old.drawn or old.drawn[0].why, "a draw that found a crew finds the same"


def test_a_recusal_is_logged_with_who_came_instead():
    """The log is what shows that the replacement was drawn and not chosen."""
    plain = draw(NOTICE, SHOPS[:1], CREW, 1).drawn[0]
    first = plain.inspectors[0]
    barred = [replace(o, conflicts=frozenset({"P1"})) if o.id == first else o for o in CREW]
    after = draw(NOTICE, SHOPS[:1], barred, 1).drawn[0]
    assert after.recused[0].inspector == first
    assert after.recused[0].replaced_by == after.inspectors[0] == plain.inspectors[1]


def test_premises_are_drawn_as_often_as_their_weights_say():
    """Of 3,000 fixed seeds, how often each is first and how often among two, against Efraimidis and Spirakis's law."""
    orders = [Lots(f"seed {n}", "premises").order({shop.id: shop.weight for shop in SHOPS}) for n in range(3000)]
    weights = np.array([shop.weight for shop in SHOPS], dtype=float)
    first = weights / weights.sum()
    second = np.array(
        [sum(first[j] * weights[i] / (weights.sum() - weights[j]) for j in range(5) if j != i) for i in range(5)]
    )
    for place, chance in ((0, first), (1, second)):
        counts = [sum(order[place] == shop.id for order in orders) for shop in SHOPS]
        assert chisquare(counts, chance * 3000).pvalue > 0.01


def test_inspectors_are_drawn_evenly():
    """Fifteen pairs of six, each as likely as the next."""
    pairs = [tuple(sorted(draw(f"seed {n}", SHOPS[:1], CREW, 1).drawn[0].inspectors)) for n in range(3000)]
    counts = [pairs.count(pair) for pair in set(pairs)]
    assert len(counts) == 15
    assert chisquare(counts).pvalue > 0.01


def test_who_was_drawn_already_is_drawn_less():
    """Sixty premises for six inspectors: nobody gets half of the work."""
    shops = [Entrant(f"P{n:02d}", "A", 1) for n in range(60)]
    drawn = [id for each in draw(NOTICE, shops, CREW, 60).drawn for id in each.inspectors]
    counts = [drawn.count(officer.id) for officer in CREW]
    assert sum(counts) == 120
    assert max(counts) - min(counts) <= 8


def test_a_record_that_was_kept_as_text_is_proved_by_drawing_again():
    """The inspection of the inspectors: record and registers in, nothing to say against it."""
    record = from_json(to_json(draw(NOTICE, SHOPS, CREW, 4)))
    assert replay(record, SHOPS[::-1], CREW[::-1]) == ()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda r: replace(r, seed="another"), "draw_differs"),
        (lambda r: replace(r, drawn=r.drawn[::-1]), "draw_differs"),
        (lambda r: replace(r, drawn=r.drawn[:-1]), "draw_differs"),
        (lambda r: replace(r, drawn=(replace(r.drawn[0], inspectors=("O1", "O9")), *r.drawn[1:])), "draw_differs"),
        (lambda r: replace(r, version=3), "algorithm_unknown"),
        (lambda r: replace(r, count=99), "draw_impossible"),
    ],
)
def test_a_record_that_was_touched_is_not_proved(change, code):
    """A friend taken out, another inspector put in: each shows."""
    record = change(draw(NOTICE, SHOPS, CREW, 4))
    assert code in [reason.code for reason in replay(record, SHOPS, CREW)]


def test_a_register_that_was_touched_is_named():
    """Somebody lowered a weight before the draw was checked: the hash says which register."""
    record = draw(NOTICE, SHOPS, CREW, 4)
    lowered = (replace(SHOPS[0], weight=9), *SHOPS[1:])
    moved = (replace(CREW[0], town="B"), *CREW[1:])
    assert "premises_altered" in [reason.code for reason in replay(record, lowered, CREW)]
    assert "inspectors_altered" in [reason.code for reason in replay(record, SHOPS, moved)]


def test_weights_come_from_risk_and_credit():
    """A dangerous shop with a bad record is 32 times as likely as a harmless good one."""
    of = register({}, {"risk": "low", "credit": "A"}, {"risk": "high", "credit": "D"})
    assert [entrant.weight for entrant in entrants(of, RISKS)] == [24, 1, 32]


@pytest.mark.parametrize(
    ("seed", "shops", "count", "crew"),
    [
        (" ", SHOPS, 1, 2),
        (NOTICE, SHOPS, 6, 2),
        (NOTICE, (*SHOPS, SHOPS[0]), 1, 2),
        (NOTICE, (Entrant("P1", "A", 0),), 1, 2),
        (NOTICE, SHOPS, 1, 1),
    ],
)
def test_a_draw_that_could_not_be_defended_is_refused(seed, shops, count, crew):
    """A single inspector, a shop twice in the urn, no seed: each voids what follows."""
    with pytest.raises(BadInput):
        draw(seed, shops, CREW, count, crew)


HUGE = to_json(draw(NOTICE, SHOPS, CREW, 1)).replace('"count": 1', '"count": 1e999')


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"drawn": 3}', '{"seed": "\\ud800"}', "[" * 100000, HUGE])
def test_text_that_is_no_record_is_refused(text):
    """The proof page takes whatever file somebody uploads."""
    with pytest.raises(BadInput):
        from_json(text)


def test_a_record_holds_everything_that_is_needed_to_draw_again():
    """Seed, algorithm, version and both hashes; without one of them there is no proof."""
    said = json.loads(to_json(draw(NOTICE, SHOPS, CREW, 2)))
    assert set(said) == set(Draw.__slots__)
    assert said["algorithm"] == ALGORITHM
    assert len(said["premises_sha256"]) == 64
