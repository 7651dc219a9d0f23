"""How the pyramid of pixels over cells is made: borders are drawn into pixels, crowded ones divided again."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from gis.exact import Floats, Indices, covers
from gis.pyramid import BEND, DIVIDED, LINE, OUTSIDE, SEVERAL, Frame, Pyramid, Rings, Sides, first_covering

LEVELS = 5
PIXELS_PER_CELL = 8
SMALL_SHARE = 1.0 / 64.0
CHANGES, TOUCHED = 1, 2
MARGIN = 1.0 / 64.0
BRANCH = 4


class Crowded(NamedTuple):
    """Pixels that several lines touch, in the finest pixel as unit.

    Attributes
    ----------
    slot
        Where each stands in the nodes, shape (n,).
    u, v
        Its lower left corner, shape (n,).
    first, lines
        The lines that touch pixel i are ``lines[first[i]:first[i + 1]]``, each named by the vertex it starts from.
    around
        The first cell that covers the whole pixel without touching it with its border, or `OUTSIDE`.
    tiled
        Whether every point in it is known to lie in exactly one cell, borders aside.
    """

    slot: Indices
    u: Indices
    v: Indices
    first: NDArray[np.int64]
    lines: Indices
    around: Indices
    tiled: NDArray[np.bool_]


def build(rings: Rings, budget_bytes: int) -> Pyramid:
    """A pyramid over ``rings`` that holds about ``budget_bytes`` at most, the outlines included.

    The outlines and the large pixels are always there, so a small budget makes it slower, never wrong.
    """
    frame = _frame_of(rings)
    sides = _sides(rings, rings.xy.view(np.uint64))
    size = float(BRANCH**frame.levels)
    nodes = _covering(rings, frame, size)
    crowded = _crossed(rings, frame, sides, nodes, size)
    spread = _outer_area(rings) * frame.scale**2
    room = budget_bytes - sum(array.nbytes for array in (*rings, *sides, nodes))
    several = [np.empty(0, np.int32)]
    for level in range(frame.levels + 1):
        divide = _worth_dividing(crowded, sides, spread, size, room if level < frame.levels else 0)
        several.append(_listed(crowded, ~divide, sides, nodes, sum(map(len, several))))
        if not divide.any():
            break
        blocks, crowded = _divided(crowded, divide, rings, frame, sides, nodes, size)
        nodes = np.concatenate([nodes, blocks])
        room -= blocks.nbytes + several[-1].nbytes
        size /= BRANCH
    return Pyramid(frame, rings, sides, nodes, np.concatenate(several))


def _frame_of(rings: Rings) -> Frame:
    """Large pixels, `PIXELS_PER_CELL` on average, over all rings."""
    cells = len(rings.cell_start) - 1
    low, high = np.zeros(2), np.ones(2)
    if len(rings.xy):
        x, y = rings.xy.T
        low, high = np.array([x.min(), y.min()]), np.array([x.max(), y.max()])
    width, height = high - low
    pixel = max(float(np.sqrt(width * height / max(PIXELS_PER_CELL * cells, 1))), float(max(width, height)) / 4096.0)
    # Below this width the coordinates themselves have too few digits to tell pixels apart.
    finest = float(np.abs([low, high]).max()) * 2.0**-38
    pixel = max(pixel, finest)
    levels = int(np.clip(np.log(pixel / finest) / np.log(BRANCH), 0, LEVELS))
    columns, rows = (int(count) + 1 for count in (high - low) / pixel + 2.0 * MARGIN)
    x0, y0 = (float(value) for value in low - MARGIN * pixel)
    return Frame(x0, y0, float(BRANCH**levels) / pixel, columns, rows, levels)


def _worth_dividing(crowded: Crowded, sides: Sides, spread: Floats, size: float, room: int) -> NDArray[np.bool_]:
    """The pixels that are largest beside the cells around, as many as there is memory for."""
    divide = np.zeros(len(crowded.slot), dtype=np.bool_)
    affordable = room // (BRANCH * BRANCH * 4 + 8)
    if affordable <= 0 or len(divide) == 0:
        return divide
    smallest = np.minimum.reduceat(spread[sides.left[crowded.lines]], crowded.first[:-1])
    share = size * size / np.maximum(smallest, 1e-30)
    worth = np.flatnonzero(share > SMALL_SHARE)
    if len(worth) > affordable:
        worth = worth[np.argpartition(-share[worth], affordable - 1)[:affordable]]
    divide[worth] = True
    return divide


def _crossed(rings: Rings, frame: Frame, sides: Sides, nodes: Indices, size: float) -> Crowded:
    """The large pixels in which borders meet; those crossed by a line or a bend are written into ``nodes``."""
    count = np.zeros(len(nodes) + 1, np.int64)
    _cross(rings.xy, sides.left, frame, size, count[1:], np.empty(0, np.int32), False)
    first = np.cumsum(count)
    lines = np.empty(int(first[-1]), np.int32)
    _cross(rings.xy, sides.left, frame, size, first[:-1].copy(), lines, True)
    number = np.diff(first)
    simple = _simply_crossed(number, first, lines, sides) & (nodes == OUTSIDE)
    nodes[simple] = -2 - (lines[first[:-1][simple]] * 4 + np.where(number[simple] == 1, LINE, BEND))
    crowded = (number > 0) & ~simple
    slot = np.flatnonzero(crowded)
    around = nodes[slot]
    step = int(size)
    return Crowded(
        slot=slot.astype(np.int32),
        u=(slot % frame.columns * step).astype(np.int32),
        v=(slot // frame.columns * step).astype(np.int32),
        first=np.concatenate([np.zeros(1, np.int64), np.cumsum(number[slot])]),
        lines=lines[np.repeat(crowded, number)],
        around=around,
        tiled=np.zeros(len(slot), np.bool_),
    )


def _simply_crossed(
    number: NDArray[np.int64], first: NDArray[np.int64], lines: Indices, sides: Sides
) -> NDArray[np.bool_]:
    """Pixels with one line, or with two that follow each other between the same cells."""
    simple = number == 1
    pairs = np.flatnonzero(number == 2)
    one, other = lines[first[pairs]], lines[first[pairs] + 1]
    simple[pairs] = (
        (other == one + 1) & (sides.left[one] == sides.left[other]) & (sides.right[one] == sides.right[other])
    )
    return np.asarray(simple)


def _listed(crowded: Crowded, chosen: NDArray[np.bool_], sides: Sides, nodes: Indices, taken: int) -> Indices:
    """The lists of cells for pixels that stay undivided, the first at entry ``taken``; their nodes point there."""
    which = np.flatnonzero(chosen)
    longest = 2 * int((crowded.first[which + 1] - crowded.first[which]).sum()) + 2 * len(which)
    lists = np.empty(longest, np.int32)
    used = _list_cells(crowded, which, sides, nodes, lists, taken)
    return lists[:used].copy()


def _divided(
    crowded: Crowded,
    divide: NDArray[np.bool_],
    rings: Rings,
    frame: Frame,
    sides: Sides,
    nodes: Indices,
    size: float,
) -> tuple[Indices, Crowded]:
    """Sixteen smaller pixels for each chosen one, and those of them that are crowded again."""
    which = np.flatnonzero(divide)
    masks, most = _touch_masks(crowded, which, rings.xy, frame, size)
    smaller = Crowded(
        slot=np.empty(most, np.int32),
        u=np.empty(most, np.int32),
        v=np.empty(most, np.int32),
        first=np.zeros(most + 1, np.int64),
        lines=np.empty(int(np.bitwise_count(masks).sum()), np.int32),
        around=np.empty(most, np.int32),
        tiled=np.empty(most, np.bool_),
    )
    blocks = np.empty(len(which) * BRANCH * BRANCH, np.int32)
    count = _fill_blocks(crowded, which, masks, rings, frame, sides, nodes, blocks, size, smaller)
    first = smaller.first[: count + 1].copy()
    return blocks, Crowded(
        slot=smaller.slot[:count].copy(),
        u=smaller.u[:count].copy(),
        v=smaller.v[:count].copy(),
        first=first,
        lines=smaller.lines[: first[-1]].copy(),
        around=smaller.around[:count].copy(),
        tiled=smaller.tiled[:count].copy(),
    )


@njit(cache=True)
def _sides(rings: Rings, bits: NDArray[np.uint64]) -> Sides:
    """Find the lines that two cells share, by a hash of their ends."""
    xy = rings.xy
    left, right = np.full(len(xy), OUTSIDE, np.int32), np.full(len(xy), OUTSIDE, np.int32)
    slots = 16
    while slots < 2 * len(xy):
        slots *= 2
    table = np.full(slots, -1, np.int32)
    mask = np.uint64(slots - 1)
    for cell in range(len(rings.cell_start) - 1):
        for ring in range(rings.cell_start[cell], rings.cell_start[cell + 1]):
            for at in range(rings.ring_start[ring], rings.ring_start[ring + 1] - 1):
                if xy[at, 0] == xy[at + 1, 0] and xy[at, 1] == xy[at + 1, 1]:
                    continue
                slot = (_mixed(bits[at, 0], bits[at, 1]) + _mixed(bits[at + 1, 0], bits[at + 1, 1])) & mask
                while table[slot] >= 0 and not _reversed(xy, table[slot], at):
                    slot = (slot + np.uint64(1)) & mask
                other = table[slot]
                if other >= 0 and right[other] == OUTSIDE and left[other] != cell:
                    right[other] = cell
                    continue
                left[at] = cell
                if other < 0:
                    table[slot] = at
    return Sides(left, right)


@njit(cache=True)
def _mixed(x: np.uint64, y: np.uint64) -> np.uint64:
    mixed = (x * np.uint64(0x9E3779B97F4A7C15)) ^ (y * np.uint64(0xC2B2AE3D27D4EB4F))
    mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
    return mixed ^ (mixed >> np.uint64(32))


@njit(cache=True)
def _reversed(xy: Floats, one: int, other: int) -> bool:
    return bool(
        xy[one, 0] == xy[other + 1, 0]
        and xy[one, 1] == xy[other + 1, 1]
        and xy[one + 1, 0] == xy[other, 0]
        and xy[one + 1, 1] == xy[other, 1]
    )


@njit(cache=True)
def _outer_area(rings: Rings) -> Floats:
    """The area inside the first ring of each cell: how large it is, roughly."""
    xy = rings.xy
    area = np.zeros(len(rings.cell_start) - 1)
    for cell in range(len(area)):
        if rings.cell_start[cell] == rings.cell_start[cell + 1]:
            continue
        begin, end = rings.ring_start[rings.cell_start[cell]], rings.ring_start[rings.cell_start[cell] + 1]
        for at in range(begin, end - 1):
            area[cell] += 0.5 * (xy[at, 0] - xy[begin, 0]) * (xy[at + 1, 1] - xy[begin, 1])
            area[cell] -= 0.5 * (xy[at + 1, 0] - xy[begin, 0]) * (xy[at, 1] - xy[begin, 1])
    return area


@njit(cache=True)
def _placed(xy: Floats, at: int, frame: Frame) -> tuple[float, float, float, float]:
    """The ends of the line that starts at a vertex, in finest pixels."""
    ua, va = (xy[at, 0] - frame.x0) * frame.scale, (xy[at, 1] - frame.y0) * frame.scale
    ub, vb = (xy[at + 1, 0] - frame.x0) * frame.scale, (xy[at + 1, 1] - frame.y0) * frame.scale
    return ua, va, ub, vb


@njit(cache=True)
def _reach(one: float, other: float, size: float, last: int) -> tuple[int, int]:
    """The first and the last pixel from 0 to ``last`` that a stretch touches, give or take the margin."""
    low, high = math.floor((min(one, other) - MARGIN) / size), math.floor((max(one, other) + MARGIN) / size)
    return max(int(low), 0), min(int(high), last)


@njit(cache=True)
def _within_row(ua: float, va: float, ub: float, vb: float, row: int, size: float) -> tuple[float, float]:
    """How far a line reaches from west to east inside one row of pixels."""
    if va == vb:
        return ua, ub
    slope = (ub - ua) / (vb - va)
    low, high = min(ua, ub), max(ua, ub)
    bottom, top = max(min(va, vb), row * size - MARGIN), min(max(va, vb), (row + 1) * size + MARGIN)
    return min(max(ua + (bottom - va) * slope, low), high), min(max(ua + (top - va) * slope, low), high)


@njit(cache=True)
def _covering(rings: Rings, frame: Frame, size: float) -> Indices:
    """For each large pixel the first cell that covers it without touching it with its border, or `OUTSIDE`."""
    nodes = np.full((frame.columns * frame.rows + 15) // 16 * 16, OUTSIDE, np.int32)
    marks = np.zeros((frame.columns + 1) * frame.rows, np.uint8)
    for cell in range(len(rings.cell_start) - 1):
        begin, end = rings.ring_start[rings.cell_start[cell]], rings.ring_start[rings.cell_start[cell + 1]]
        if begin == end:
            continue
        box = rings.xy[begin:end]
        west, east = _reach(
            (box[:, 0].min() - frame.x0) * frame.scale,
            (box[:, 0].max() - frame.x0) * frame.scale,
            size,
            frame.columns - 1,
        )
        south, north = _reach(
            (box[:, 1].min() - frame.y0) * frame.scale, (box[:, 1].max() - frame.y0) * frame.scale, size, frame.rows - 1
        )
        if east - west < 2 or north - south < 2:
            continue  # its border leaves no pixel to cover
        wide = east - west + 2
        marks[: wide * (north - south + 1)] = 0
        for ring in range(rings.cell_start[cell], rings.cell_start[cell + 1]):
            for at in range(rings.ring_start[ring], rings.ring_start[ring + 1] - 1):
                _mark(marks, rings.xy, at, frame, size, west, south, wide)
        for row in range(south, north + 1):
            inside = False
            for column in range(west, east + 1):
                mark = marks[(row - south) * wide + column - west]
                if mark & CHANGES:
                    inside = not inside
                if inside and mark & TOUCHED == 0 and nodes[row * frame.columns + column] == OUTSIDE:
                    nodes[row * frame.columns + column] = cell
    return nodes


@njit(cache=True)
def _mark(
    marks: NDArray[np.uint8], xy: Floats, at: int, frame: Frame, size: float, west: int, south: int, wide: int
) -> None:
    """Mark the pixels that a line touches, and in each row where it changes between outside and inside."""
    ua, va, ub, vb = _placed(xy, at, frame)
    lowest, highest = _reach(va, vb, size, frame.rows - 1)
    for row in range(lowest, highest + 1):
        begin = (row - south) * wide - west
        one, other = _within_row(ua, va, ub, vb, row, size)
        first, last = _reach(one, other, size, frame.columns - 1)
        for column in range(first, last + 1):
            marks[begin + column] |= TOUCHED
        middle = (row + 0.5) * size
        if (va > middle) != (vb > middle):
            crossing = ua + (middle - va) * ((ub - ua) / (vb - va))
            marks[begin + int(crossing / size) + 1] ^= CHANGES


@njit(cache=True)
def _cross(
    xy: Floats, left: Indices, frame: Frame, size: float, count: NDArray[np.int64], lines: Indices, write: bool
) -> None:
    """Count the lines that touch each large pixel, or write them where ``count`` points, moving it on."""
    for at in range(len(xy)):
        if left[at] == OUTSIDE:
            continue
        ua, va, ub, vb = _placed(xy, at, frame)
        lowest, highest = _reach(va, vb, size, frame.rows - 1)
        for row in range(lowest, highest + 1):
            one, other = _within_row(ua, va, ub, vb, row, size)
            first, last = _reach(one, other, size, frame.columns - 1)
            for pixel in range(row * frame.columns + first, row * frame.columns + last + 1):
                if write:
                    lines[count[pixel]] = at
                count[pixel] += 1


@njit(cache=True)
def _touch_masks(
    crowded: Crowded, which: NDArray[np.int64], xy: Floats, frame: Frame, size: float
) -> tuple[NDArray[np.uint16], int]:
    """For each line in each chosen pixel, one bit for each of the 16 smaller pixels that it touches.

    Also the number of smaller pixels that any line touches.
    """
    masks = np.zeros(len(crowded.lines), np.uint16)
    small = size / BRANCH
    most = 0
    for item in which:
        west, south = crowded.u[item], crowded.v[item]
        for entry in range(crowded.first[item], crowded.first[item + 1]):
            ua, va, ub, vb = _placed(xy, crowded.lines[entry], frame)
            ua, va, ub, vb = ua - west, va - south, ub - west, vb - south
            mask = 0
            lowest, highest = _reach(va, vb, small, BRANCH - 1)
            for row in range(lowest, highest + 1):
                one, other = _within_row(ua, va, ub, vb, row, small)
                first, last = _reach(one, other, small, BRANCH - 1)
                for column in range(first, last + 1):
                    mask |= 1 << (row * BRANCH + column)
            masks[entry] = mask
        union = _union(masks[crowded.first[item] : crowded.first[item + 1]])
        for part in range(16):
            most += union >> part & 1
    return masks, most


@njit(cache=True)
def _cells_beside(lines: Indices, sides: Sides, cells: Indices) -> int:
    """The distinct cells beside some lines, in rising order, into ``cells``; how many."""
    count = 0
    for line in lines:
        for cell in (sides.left[line], sides.right[line]):
            place = count
            while place > 0 and cells[place - 1] > cell:
                place -= 1
            if cell == OUTSIDE or (place > 0 and cells[place - 1] == cell):
                continue
            for at in range(count, place, -1):
                cells[at] = cells[at - 1]
            cells[place] = cell
            count += 1
    return count


@njit(cache=True)
def _list_cells(
    crowded: Crowded, which: NDArray[np.int64], sides: Sides, nodes: Indices, lists: Indices, taken: int
) -> int:
    used = 0
    for item in which:
        cells = lists[used + 1 :]
        around = crowded.around[item]
        count = _cells_beside(crowded.lines[crowded.first[item] : crowded.first[item + 1]], sides, cells)
        if crowded.tiled[item]:
            count -= 1  # in none of the others means in the last
        else:
            while count > 0 and around != OUTSIDE and cells[count - 1] > around:
                count -= 1
            cells[count] = around
        lists[used] = count
        nodes[crowded.slot[item]] = -2 - ((taken + used) * 4 + SEVERAL)
        used += count + 2
    return used


@njit(cache=True)
def _fill_blocks(
    crowded: Crowded,
    which: NDArray[np.int64],
    masks: NDArray[np.uint16],
    rings: Rings,
    frame: Frame,
    sides: Sides,
    nodes: Indices,
    blocks: Indices,
    size: float,
    smaller: Crowded,
) -> int:
    """Fill a block for each chosen pixel and write those of its parts that are crowded into ``smaller``; how many."""
    small = size / BRANCH
    scratch = np.empty(2 * np.max(np.diff(crowded.first)), np.int32)
    fresh = 0
    for number in range(len(which)):
        item = which[number]
        begin, end = crowded.first[item], crowded.first[item + 1]
        around = crowded.around[item]
        cells = scratch[: _cells_beside(crowded.lines[begin:end], sides, scratch)]
        block = blocks[number * 16 : number * 16 + 16]
        nodes[crowded.slot[item]] = -2 - ((len(nodes) // 16 + number) * 4 + DIVIDED)
        union = _union(masks[begin:end])
        tiled = crowded.tiled[item] or (
            around == OUTSIDE
            and _all_shared(crowded.lines[begin:end], sides)
            and _one_cell_somewhere(rings, frame, cells, union, crowded.u[item], crowded.v[item], small)
        )
        for part in range(16):
            px = frame.x0 + (crowded.u[item] + (part % BRANCH + 0.5) * small) / frame.scale
            py = frame.y0 + (crowded.v[item] + (part // BRANCH + 0.5) * small) / frame.scale
            if union >> part & 1 == 0:
                if part % BRANCH > 0 and union >> (part - 1) & 1 == 0:
                    block[part] = block[part - 1]
                elif part >= BRANCH and union >> (part - BRANCH) & 1 == 0:
                    block[part] = block[part - BRANCH]
                else:
                    block[part] = _lower(first_covering(rings, cells, px, py, OUTSIDE), around)
                continue
            first = smaller.first[fresh]
            last = first
            for entry in range(begin, end):
                if masks[entry] >> part & 1:
                    smaller.lines[last] = crowded.lines[entry]
                    last += 1
            mine = smaller.lines[first:last]
            whole = OUTSIDE if tiled else _lower(_covering_untouched(rings, sides, mine, cells, px, py), around)
            if whole == OUTSIDE and (len(mine) == 1 or _is_bend(mine, sides)):
                block[part] = -2 - (mine[0] * 4 + (LINE if len(mine) == 1 else BEND))
                continue
            smaller.slot[fresh] = len(nodes) + number * 16 + part
            smaller.u[fresh] = crowded.u[item] + int(part % BRANCH * small)
            smaller.v[fresh] = crowded.v[item] + int(part // BRANCH * small)
            smaller.around[fresh] = whole
            smaller.tiled[fresh] = tiled
            fresh += 1
            smaller.first[fresh] = last
    return fresh


@njit(cache=True)
def _is_bend(lines: Indices, sides: Sides) -> bool:
    """Whether these are two lines that follow each other between the same cells."""
    if len(lines) != 2 or lines[1] != lines[0] + 1:
        return False
    one, other = lines[0], lines[1]
    return bool(sides.left[one] == sides.left[other] and sides.right[one] == sides.right[other])


@njit(cache=True)
def _lower(one: int, other: int) -> int:
    """The cell that comes first, `OUTSIDE` only if both are."""
    if one == OUTSIDE or other == OUTSIDE:
        return max(one, other)
    return min(one, other)


@njit(cache=True)
def _union(masks: NDArray[np.uint16]) -> int:
    union = 0
    for mask in masks:
        union |= mask
    return union


@njit(cache=True)
def _all_shared(lines: Indices, sides: Sides) -> bool:
    shared = True
    for line in lines:
        shared = shared and sides.right[line] != OUTSIDE
    return shared


@njit(cache=True)
def _one_cell_somewhere(
    rings: Rings, frame: Frame, cells: Indices, union: int, west: int, south: int, small: float
) -> bool:
    """Whether exactly one cell holds some part of a pixel that no line touches.

    If every line in the pixel is shared by two cells, crossing it leaves one and enters another, so the number of cells
    that hold a point is the same all over the pixel.
    """
    for part in range(16):
        if union >> part & 1 == 0:
            px = frame.x0 + (west + (part % BRANCH + 0.5) * small) / frame.scale
            py = frame.y0 + (south + (part // BRANCH + 0.5) * small) / frame.scale
            holding = 0
            for cell in cells:
                if covers(rings.xy, rings.ring_start, rings.cell_start[cell], rings.cell_start[cell + 1], px, py):
                    holding += 1
            return holding == 1
    return False


@njit(cache=True)
def _covering_untouched(rings: Rings, sides: Sides, lines: Indices, cells: Indices, px: float, py: float) -> int:
    """The first of ``cells`` that holds a point although none of ``lines`` is its border."""
    for cell in cells:
        beside = False
        for line in lines:
            beside = beside or sides.left[line] == cell or sides.right[line] == cell
        if not beside and covers(
            rings.xy, rings.ring_start, rings.cell_start[cell], rings.cell_start[cell + 1], px, py
        ):
            return int(cell)
    return OUTSIDE
