// Places as the graphics card likes them best: small numbers on deck.gl's flat Mercator sheet, counted from one corner
// of the page's first table. Degrees would make it compute in emulated double precision for every vertex of every
// frame, which takes a machine without a graphics card three times as long.
import {COORDINATE_SYSTEM} from '@deck.gl/core';

const STEPS_PER_TURN = 3.6e9; // 360 degrees in the tables' steps of 1e-7
const SHEET = 512;

let origin = null;

/** Pairs of longitude and latitude in 1e-7 degrees as pairs on the sheet, good to some millimetres near the origin. */
export function onSheet(steps) {
  origin ??= [sheetX(steps[0]), sheetY(steps[1]), 0];
  return Float32Array.from(steps, (step, k) => (k & 1 ? sheetY(step) : sheetX(step)) - origin[k & 1]);
}

/** What every layer with places on the sheet is told about them. */
export const sheet = () => ({
  coordinateSystem: COORDINATE_SYSTEM.CARTESIAN,
  coordinateOrigin: origin ?? [0, 0, 0],
  positionFormat: 'XY',
});

const sheetX = (step) => SHEET * (0.5 + step / STEPS_PER_TURN);

function sheetY(step) {
  const radians = (2 * Math.PI * step) / STEPS_PER_TURN;
  return SHEET * (0.5 + Math.log(Math.tan(Math.PI / 4 + radians / 2)) / (2 * Math.PI));
}
