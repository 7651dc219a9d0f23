"""A report that came in by Open311: its fields checked, made one deed of the desk under the key it came with."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dispatch.desk.keys import Keys, actor_of
from dispatch.desk.refusals import Refused
from dispatch.records.incident import Incident
from dispatch.records.person import Key
from dispatch.records.reason import Reason
from dispatch.store.writing import storable
from gis.schemas import BadInput, shorten
from ui.doors.answers import Unfit
from ui.doors.services import ANSWERS, PLACE, STILL, UNSORTED, name_of, offered
from ui.services.centre import Centre
from ui.services.intake import NEAR_ENOUGH_M
from ui.wording import Wording

LONGEST_DESCRIPTION = 8_000
LONGEST_FIELD = 500
CALLER_FIELDS = ("first_name", "last_name", "phone", "email")
MEDIA = re.compile(r"https?://[^\s<>\"]{1,2000}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where it is, WGS84 degrees; NaN where the words did not say it closely enough and the desk has to."""

    lon: float = math.nan
    lat: float = math.nan


def report(opened: Centre, keys: Keys, form: Mapping[str, list[str]], client: str, words: Wording) -> Incident:
    """One incident from the fields of a POST, each name with its values.

    Raises
    ------
    Unfit
        403 without a good key, also when it is ended while the report is read; 400 for what is missing or cannot be.
        Nothing was taken down then, and the ledger says who tried and why.
    """
    fields = {name: values[0] for name, values in form.items() if values}
    key = _key(keys, fields.get("api_key", "").strip(), client)
    try:
        told = _told_or_noted(opened, keys, key, form, fields, words)
        return opened.desk.report(actor_of(key), source=key.source, **told)
    except Refused as refused:
        ended = any(reason.code == "key_ended" for reason in refused.reasons)
        raise Unfit(403 if ended else 400, "; ".join(words.reason(reason) for reason in refused.reasons)) from refused
    except BadInput as bad:
        raise Unfit(400, str(bad)) from bad


def _key(keys: Keys, secret: str, client: str) -> Key:
    if not secret:
        raise Unfit(403, "api_key is missing; reporting needs the key that the administrator gave you.")
    key = keys.holder(secret)
    if key is None:
        try:
            keys.turn_away_stranger(secret, client)
        except Refused as refused:
            raise Unfit(403, "api_key is not good here, or has ended; ask the administrator for one.") from refused
    return key


def _told_or_noted(
    opened: Centre, keys: Keys, key: Key, form: Mapping[str, list[str]], fields: Mapping[str, str], words: Wording
) -> dict[str, Any]:
    """What `_told` says; what cannot be read from a known system leaves an entry as well."""
    try:
        return _told(opened, keys, key, form, fields, words)
    except Unfit as unfit:
        keys.turn_away(key, Reason("unreadable_report", False, {"said": unfit.description}))


def _told(
    opened: Centre, keys: Keys, key: Key, form: Mapping[str, list[str]], fields: Mapping[str, str], words: Wording
) -> dict[str, Any]:
    """The words of ``Desk.report``."""
    _refuse_long(fields)
    code = fields.get("service_code", "").strip()
    if not code:
        raise Unfit(400, "service_code is missing; GET services lists them.")
    if not offered(opened, code):
        raise Unfit(400, f"service_code {shorten(code)} is not offered here; GET services lists them.")
    still = _still(keys, key, form)
    place = _place(opened, keys, key, fields)
    matter = "" if code == UNSORTED else code
    return {
        "text": _text(name_of(opened, matter, words), still, form, fields, words),
        "lon": place.lon,
        "lat": place.lat,
        "matter": matter,
        "address": fields.get("address_string", "").strip(),
        "caller": " ".join(fields[name].strip() for name in CALLER_FIELDS if fields.get(name, "").strip()),
    }


def _refuse_long(fields: Mapping[str, str]) -> None:
    for name, value in fields.items():
        if not storable(name + value):
            raise Unfit(400, f"{name!a} holds NUL or half a character; expected text in UTF-8.")
        most = {"description": LONGEST_DESCRIPTION, "media_url": 2000}.get(name, LONGEST_FIELD)
        if len(value) > most:
            raise Unfit(400, f"{shorten(name)} has {len(value):,} characters; expected at most {most:,}.")
    if fields.get("media_url") and not MEDIA.fullmatch(fields["media_url"].strip()):
        raise Unfit(400, f"media_url is {shorten(fields['media_url'])}; expected an http or https address.")


def _still(keys: Keys, key: Key, form: Mapping[str, list[str]]) -> str:
    given = _attribute(form, STILL)
    if not given:
        keys.turn_away(key, Reason("missing_attribute", False, {"attribute": STILL}))
    if given not in ANSWERS:
        raise Unfit(400, f"attribute[{STILL}] is {shorten(given)}; expected one of {', '.join(ANSWERS)}.")
    return given


def _place(opened: Centre, keys: Keys, key: Key, fields: Mapping[str, str]) -> Place:
    """The point that was given, else the one the gazetteer finds in the address.

    An address it does not know leaves the place open: losing what a citizen said would be worse.
    """
    address = fields.get("address_string", "").strip()
    if "lat" not in fields and "long" not in fields:
        if "lng" in fields or "lon" in fields:
            raise Unfit(400, "the longitude came as lng or lon; the standard names it long.")
        if not address:
            raise Unfit(400, "lat and long (WGS84, degrees) or address_string is missing; one of them must be there.")
        spot = next(iter(opened.gazetteer.find(address)), None)
        return Place(spot.lon, spot.lat) if spot is not None and spot.within_m <= NEAR_ENOUGH_M else Place()
    lat, lon = _degrees(fields, "lat", 90), _degrees(fields, "long", 180)
    if not opened.desk.cell_of(lon, lat)[0]:
        west, south, east, north = (round(float(edge), 4) for edge in opened.scenario.cells.total_bounds)
        values = {"lon": lon, "lat": lat, "west": west, "south": south, "east": east, "north": north}
        keys.turn_away(key, Reason("outside_district", False, values))
    return Place(lon, lat)


def _degrees(fields: Mapping[str, str], name: str, most: int) -> float:
    text = fields.get(name, "").strip()
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= most:
        raise Unfit(400, f"{name} is {shorten(text)}; expected WGS84 degrees from -{most} to {most}.")
    return value


def _text(name: str, still: str, form: Mapping[str, list[str]], fields: Mapping[str, str], words: Wording) -> str:
    """What the dispatcher reads: the words as they came, then the answers, then where a picture is."""
    lines = [fields.get("description", "").strip() or name, f"{words('doors.still')} {words(f'doors.still_{still}')}"]
    if exactly := _attribute(form, PLACE):
        lines.append(f"{words('doors.place')} {exactly}")
    if media := fields.get("media_url", "").strip():
        lines.append(f"{words('doors.media')} {media}")
    return "\n".join(lines)


def _attribute(form: Mapping[str, list[str]], code: str) -> str:
    """The first value of ``attribute[CODE]``, or of ``attribute[CODE][]`` as some clients write it."""
    values = form.get(f"attribute[{code}]") or form.get(f"attribute[{code}][]") or [""]
    return values[0].strip()
