"""Staffing plans played beside the screens, with how far they are."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from ui.services.beside import Errand, Errands, Stopped


class Play(Errand[object]):
    """Something that is played.

    Attributes
    ----------
    share
        From 0 to 1.
    left_s
        Seconds until the end, NaN while unknown.
    said
        What is being done, for whoever looks.
    """

    def __init__(self, about: str, play: Callable[[Play], object] = lambda _: None) -> None:
        super().__init__(lambda: play(self), about)
        self.share, self.left_s, self.said = 0.0, float("nan"), ""

    def tell(self, share: float, left_s: float, said: str) -> None:
        """How far it is.

        Raises
        ------
        Stopped
            When somebody has asked it to.
        """
        self.share, self.left_s, self.said = share, left_s, said
        if self.stopping:
            raise Stopped


@cache
def player() -> Errands[Play]:
    """What this process plays."""
    return Errands()
