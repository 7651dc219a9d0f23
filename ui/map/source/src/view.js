// Where the map looks: kept in the browser only, one view for each map key.
import {WebMercatorViewport} from '@deck.gl/core';

export const ZOOM = {min: 6, max: 19}; // at 6 a city of 80,000 km² is seen whole
const METRES_AROUND = 40075016.7;
const SCALE_STEPS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000];

export function viewport(view, element) {
  const {clientWidth, clientHeight} = element;
  return new WebMercatorViewport({...view, width: Math.max(1, clientWidth), height: Math.max(1, clientHeight)});
}

export function savedView(key) {
  try {
    const {longitude, latitude, zoom} = JSON.parse(sessionStorage.getItem(`gridbeat-map:${key}`));
    return [longitude, latitude, zoom].every(Number.isFinite) ? {longitude, latitude, zoom} : null;
  } catch {
    return null; // nothing saved, or storage is switched off
  }
}

export function saveView(key, {longitude, latitude, zoom}) {
  try {
    sessionStorage.setItem(`gridbeat-map:${key}`, JSON.stringify({longitude, latitude, zoom}));
  } catch {
    // storage is switched off: the view then lasts as long as the page
  }
}

export const bounded = (view) => ({
  ...view,
  latitude: Math.min(85, Math.max(-85, view.latitude)),
  zoom: Math.min(ZOOM.max, Math.max(ZOOM.min, view.zoom)),
});

/** The longest round distance that fits in `room` pixels: {metres, pixels}. */
export function scale({latitude, zoom}, room) {
  const metresPerPixel = (METRES_AROUND * Math.cos((latitude * Math.PI) / 180)) / (512 * 2 ** zoom);
  const metres = SCALE_STEPS.findLast((step) => step / metresPerPixel <= room) ?? SCALE_STEPS[0];
  return {metres, pixels: metres / metresPerPixel};
}

/** Numbers of the tiles of a table that touch [west, south, east, north]. */
export function tilesIn({tile_box: box}, [west, south, east, north]) {
  const tiles = [];
  for (let k = 0; k < box.length / 4; k++) {
    if (box[4 * k] <= east && box[4 * k + 2] >= west && box[4 * k + 1] <= north && box[4 * k + 3] >= south) tiles.push(k);
  }
  return tiles;
}
