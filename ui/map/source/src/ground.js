// What lies under incidents and teams and recedes behind them: the tinted cells; water, roads, borders.
import {LineLayer, PathLayer, SolidPolygonLayer} from '@deck.gl/layers';
import {byClass, rgba} from './colors.js';
import {place} from './tables.js';
import {tilesIn} from './view.js';
import {onSheet, sheet} from './world.js';

const CLOSE_UP = 13; // from here on minor roads and cell outlines are drawn
const ROAD_PX = [3.9, 3.3, 2.5, 1.8, 1.2, 0.9, 0.6]; // width by tier at zoom 13
const CASING_PX = 1.3;

/** The cells in the colours of their classes, which change as teams move. */
export function cellLayers(kept, table, tint, paint) {
  if (!table) return [];
  const classOf = tint && tint.n === table.id.length ? (part) => tint.cls[table.owner[part]] : () => 0;
  return [
    kept.layer('cells', [table, tint, paint], (id) => new SolidPolygonLayer({
      ...polygons(id, table),
      getFillColor: byClass(paint.load, classOf),
      updateTriggers: {getFillColor: [tint, paint]},
      pickable: true,
    })),
  ];
}

/** What lies still, from bottom to top. `look` has the view's zoom and bounds, `paint` the palette. */
export function groundLayers(kept, tables, look, paint) {
  return [
    ...water(kept, tables.water, paint),
    ...(look.zoom >= CLOSE_UP ? edges(kept, tables.cells, look, paint) : []),
    ...(look.zoom >= CLOSE_UP ? roads(kept, 'minor', tables.minor, look, paint) : []),
    ...roads(kept, 'major', tables.major, look, paint),
    ...borders(kept, tables.borders, paint),
  ];
}

function water(kept, table, paint) {
  if (!table) return [];
  return [
    kept.layer('water', [table, paint], (id) => new SolidPolygonLayer({...polygons(id, table), getFillColor: rgba(paint.water)})),
    kept.layer('water.edge', [table, paint], (id) => new LineLayer({
      ...segments(id, edgeTile(table, 0, table.edge_xy.length)),
      getColor: rgba(paint.water_edge),
      getWidth: 1,
    })),
  ];
}

function polygons(id, table) {
  table.polygons ??= {length: table.n, startIndices: table.start.subarray(0, table.n), attributes: {getPolygon: {value: onSheet(table.xy), size: 2}}};
  return {id, ...sheet(), data: table.polygons, _normalize: false, filled: true};
}

// Outlines are single edges, each once, although two cells share it: a see-through line drawn twice shows.
function edges(kept, table, look, paint) {
  if (!table?.tile_box) return [];
  const color = rgba(paint.cell_edge);
  const width = look.zoom < 14.5 ? 0.8 : 1.1;
  return tilesIn(table, look.bounds).map((k) => {
    const data = tileOf(table, k, () => edgeTile(table, 4 * table.tile_start[k], 4 * (table.tile_start[k + 1] ?? table.edge_xy.length / 4)));
    return kept.layer(`edges.${k}`, [data, color, width], (id) => new LineLayer({...segments(id, data), getColor: color, getWidth: width}));
  });
}

function edgeTile(table, from, to) {
  const ends = onSheet(table.edge_xy.subarray(from, to));
  const at = (offset) => ({value: ends, size: 2, stride: 16, offset});
  return {length: ends.length / 4, attributes: {getSourcePosition: at(0), getTargetPosition: at(8)}};
}

const segments = (id, data) => ({id, ...sheet(), data, widthUnits: 'pixels'});

// Casings of all tiles first, then all fills: a crossing on the border of two tiles has no seam.
function roads(kept, name, table, look, paint) {
  if (!table) return [];
  const grow = 2 ** ((Math.round(look.zoom * 8) / 8 - 13) * 0.62);
  const tiles = tilesIn(table, look.bounds).map((k) => [k, tileOf(table, k, () => pathTile(table, k))]);
  const layer = (part, colors, extra) => tiles.map(([k, tile]) => kept.layer(`${name}.${part}.${k}`, [tile, colors, grow], (id) => new PathLayer({
    ...paths(id, tile.data),
    getColor: byClass(colors, (row) => table.cls[tile.from + row]),
    getWidth: (_, {index}) => ROAD_PX[table.cls[tile.from + index]] + extra,
    widthScale: grow,
    widthMinPixels: 0.5,
    updateTriggers: {getColor: [colors]},
  })));
  const cased = paint.casing.some((color, tier) => seen(color) && table.cls.includes(tier));
  return [...(cased ? layer('casing', paint.casing, CASING_PX / Math.max(1, grow * 0.8)) : []), ...layer('fill', paint.road, 0)];
}

const seen = (color) => rgba(color)[3] > 0;

function borders(kept, table, paint) {
  if (!table) return [];
  const line = (part, color, width) => kept.layer(`borders.${part}`, [table, color], (id) => new PathLayer({...paths(id, wholeTable(table)), getColor: rgba(color), getWidth: width}));
  return [line('halo', paint.border_halo, 7), line('line', paint.border, 1.4)];
}

/** What all layers of lines have in common. */
export const paths = (id, data) => ({
  id, ...sheet(), data, _pathType: 'open', widthUnits: 'pixels', capRounded: true, jointRounded: true,
});

/** All lines of a table that has no tiles. */
export function wholeTable(table) {
  table.paths ??= {length: table.n, startIndices: table.start.subarray(0, table.n), attributes: {getPath: {value: onSheet(table.xy), size: 2}}};
  return table.paths;
}

// A tile has start indices of its own, counted from its first vertex.
function pathTile(table, k) {
  const from = table.tile_start[k];
  const to = table.tile_start[k + 1] ?? table.n;
  const first = table.start[from];
  const startIndices = table.start.slice(from, to).map((start) => start - first);
  const value = onSheet(table.xy.subarray(2 * first, 2 * table.start[to]));
  return {from, data: {length: to - from, startIndices, attributes: {getPath: {value, size: 2}}}};
}

function tileOf(table, k, build) {
  table.tiles ??= [];
  return (table.tiles[k] ??= build());
}

/** Rings of the parts of cell `row`, for its outline when it is selected. */
export function cellRings(table, row) {
  const rings = [];
  for (let part = table.owner.indexOf(row); part >= 0 && table.owner[part] === row; part++) {
    const ring = [];
    for (let v = table.start[part]; v < table.start[part + 1]; v++) ring.push(place(table, v));
    rings.push(ring);
  }
  return rings;
}
