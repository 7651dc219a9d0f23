"""Evidence by its link: for the area it lies in, and for nobody from outside."""

from __future__ import annotations

from dispatch.desk.scene import Scene
from dispatch.records.person import Job, Person, Post
from tests.doors import noon_centre, programs_desk
from tests.towns import NOON
from ui.evidence import evidence

DISTRICT = "990100"


def test_an_observer_opens_no_evidence_though_it_lies_in_the_district():
    """A picture shows faces and number plates, which no mask hides."""
    with noon_centre() as opened:
        desk = programs_desk(opened)
        kept = Scene(desk.casebook, desk.clock).hand_in("li", "BY-PHONE", "x.pdf", b"%PDF-1.4\n", now=NOON)
        inside, outside = (Person(job, job, (Post(job, DISTRICT),)) for job in (Job.DISPATCHER, Job.OBSERVER))
        assert evidence(opened, inside, kept.id).status_code == 200
        assert evidence(opened, outside, kept.id).status_code == 403
        assert evidence(opened, None, kept.id).status_code == 404
