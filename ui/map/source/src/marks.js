// What moves and what is chosen: teams as rings, incidents as marks, the route, the candidates' pins, the selection.
import {IconLayer, PathLayer, PolygonLayer, ScatterplotLayer} from '@deck.gl/layers';
import {byClass, crewColor, rgba} from './colors.js';
import {cellRings, paths, wholeTable} from './ground.js';
import {MARK, PIN, incidentAtlas, markOf, pinAtlas} from './icons.js';
import {place, rowOf} from './tables.js';
import {onSheet, sheet} from './world.js';

const TEAM_PX = 5.2;

/** Layers above the labels from bottom to top. */
export function markLayers(kept, tables, look, spec, paint) {
  const grow = Math.min(1.05, Math.max(0.55, 0.55 + (Math.round(look.zoom * 4) / 4 - 11) * 0.15));
  return [
    ...selectedCell(kept, tables.cells, spec, paint),
    ...route(kept, tables.route, paint),
    ...teams(kept, tables.teams, grow, paint),
    ...incidents(kept, tables.incidents, grow, paint),
    ...selection(kept, tables, spec, grow, paint),
    ...pins(kept, spec.pins, paint),
  ];
}

// A ring filled with almost the ground's colour: hollow to the eye, and readable over a road.
function teams(kept, table, grow, paint) {
  if (!table) return [];
  return [
    kept.layer('teams', [table, grow, paint], (id) => new ScatterplotLayer({
      ...points(id, table),
      getRadius: TEAM_PX,
      radiusScale: grow,
      radiusMinPixels: 2.6,
      stroked: true,
      getFillColor: rgba(paint.ring_fill),
      getLineColor: byClass([paint.free, paint.on_way, paint.busy], (row) => table.cls[row]),
      getLineWidth: 2.1,
      lineWidthScale: Math.max(0.75, grow),
      lineWidthUnits: 'pixels',
      updateTriggers: {getLineColor: [table, paint]},
      pickable: true,
    })),
  ];
}

function incidents(kept, table, grow, paint) {
  if (!table) return [];
  const atlas = kept.layer('incidents.atlas', [paint], () => incidentAtlas(paint));
  return [
    kept.layer('incidents', [table, grow, atlas], (id) => new IconLayer({
      ...points(id, table),
      iconAtlas: atlas.canvas,
      iconMapping: atlas.mapping,
      getIcon: (_, {index}) => markOf(table.priority[index], table.stage[index], table.overdue[index]),
      getSize: MARK,
      sizeScale: grow,
      updateTriggers: {getIcon: [table]},
      pickable: true,
    })),
  ];
}

function points(id, table) {
  table.points ??= {length: table.n, attributes: {getPosition: {value: onSheet(table.xy), size: 2}}};
  return {id, ...sheet(), data: table.points, radiusUnits: 'pixels', sizeUnits: 'pixels'};
}

function route(kept, table, paint) {
  if (!table) return [];
  const line = (part, color, width) => kept.layer(`route.${part}`, [table, paint], (id) => new PathLayer({
    ...paths(id, wholeTable(table)), getColor: color, getWidth: width, updateTriggers: {getColor: [paint]},
  }));
  const ofCrew = (_, {index}) => rgba(crewColor(paint, table.cls[index]));
  return [line('casing', rgba(paint.route_casing), 8.5), line('line', table.cls ? ofCrew : rgba(paint.route), 4.5)];
}

// The chosen incident or team wears a thick ring with a halo.
function selection(kept, tables, {selected}, grow, paint) {
  const table = selected && selected.layer !== 'cells' ? tables[selected.layer] : null;
  const row = table ? rowOf(table, selected.id) : -1;
  if (row < 0) return [];
  const [lon, lat] = place(table, row);
  const radius = (selected.layer === 'teams' ? 11 : 20) * Math.max(0.8, grow);
  const circle = (part, color, width) => kept.layer(`selection.${part}`, [lon, lat, radius, color], (id) => new ScatterplotLayer({
    id, data: [[lon, lat]], getPosition: (at) => at, radiusUnits: 'pixels', getRadius: radius, filled: false, stroked: true,
    getLineColor: rgba(color), getLineWidth: width, lineWidthUnits: 'pixels',
  }));
  return [circle('halo', paint.select_halo, 7), circle('ring', paint.select, 3.4)];
}

function selectedCell(kept, table, {selected}, paint) {
  const row = table && selected?.layer === 'cells' ? rowOf(table, selected.id) : -1;
  if (row < 0) return [];
  return [
    kept.layer('selection.cell', [table, row, paint], (id) => new PathLayer({
      id, data: cellRings(table, row), getPath: (ring) => ring, getColor: rgba(paint.select), getWidth: 2.6, widthUnits: 'pixels', jointRounded: true,
    })),
  ];
}

function pins(kept, list, paint) {
  if (!list?.length) return [];
  const atlas = kept.layer('pins.atlas', [paint, list.map(({text, best, crew, base}) => [text, best, crew, base].join(':')).join()], () => pinAtlas(paint, list));
  return [
    kept.layer('pins', [JSON.stringify(list), atlas], (id) => new IconLayer({
      id, data: list, getPosition: ({lon, lat}) => [lon, lat], iconAtlas: atlas.canvas, iconMapping: atlas.mapping,
      getIcon: (_, {index}) => index, getSize: PIN.height, sizeUnits: 'pixels', pickable: true,
    })),
  ];
}

/** The area drawn with the lasso, once it is closed. */
export function lassoLayer(kept, ring, paint) {
  if (!ring) return [];
  return [
    kept.layer('lasso', [ring, paint], (id) => new PolygonLayer({
      id, data: [ring], getPolygon: (each) => each, getFillColor: [...rgba(paint.lasso).slice(0, 3), 34],
      getLineColor: rgba(paint.lasso), getLineWidth: 2.2, lineWidthUnits: 'pixels', lineJointRounded: true,
    })),
  ];
}
