"""Doors to other systems: they report and read by Open311, see the map by OGC API Features, are told by webhooks."""
