"""What holds for every test."""

from hypothesis import settings

# A slow moment of a shared machine is no fault of ours: no test is timed.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
