// Names on the ground, in the system's own letters. A name keeps off pins and names that are more important: where its
// middle is taken it stands below it or above, and where these are taken too it is left out.
import {TextLayer} from '@deck.gl/layers';
import {rgba} from './colors.js';
import {PIN} from './icons.js';
import {place} from './tables.js';

const FONT = '"Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC","PingFang SC","Microsoft YaHei",sans-serif';
const SIZE = [16, 12.5, 12, 13]; // town, community, street, water
const SIZE_CLOSE_UP = [18, 13.5, 12.5, 14];
const ROOM = 8; // pixels kept free around a name

export function labelLayers(kept, table, look, pins, paint) {
  if (!table) return [];
  const sizes = look.zoom < 14 ? SIZE : SIZE_CLOSE_UP;
  const shown = kept.layer('labels.shown', [table, look.viewport, pins], () => standing(table, look, sizes, pins ?? []));
  const data = kept.layer('labels.data', [table, JSON.stringify(shown)], () => shown);
  return [
    kept.layer('labels', [data, sizes, paint], (id) => new TextLayer({
      id, data, getPosition: ({row}) => place(table, row),
      getText: ({row}) => table.text[row],
      getAngle: ({row}) => table.angle[row],
      getPixelOffset: ({down}) => [0, down],
      getSize: ({row}) => sizes[table.kind[row]],
      getColor: ({row}) => rgba(paint.label[table.kind[row]]),
      sizeUnits: 'pixels', fontFamily: FONT, fontWeight: 600, characterSet: lettersOf(table, data),
      fontSettings: {sdf: true, fontSize: 56, buffer: 9, radius: 16, cutoff: 0.2, smoothing: 0.12},
      outlineWidth: 4, outlineColor: rgba(paint.label_halo),
      updateTriggers: {getSize: [sizes], getColor: [paint]},
    })),
  ];
}

// Rows are in order of importance; each takes its box on the screen where nobody has it yet.
function standing(table, {viewport, zoom}, sizes, pins) {
  const boxes = pins.map(({lon, lat}) => pinBox(viewport.project([lon, lat])));
  const shown = [];
  for (let row = 0; row < table.n; row++) {
    if (zoom < table.from_zoom[row] || zoom >= table.to_zoom[row]) continue;
    const [x, y] = viewport.project(place(table, row));
    if (x < 0 || y < 0 || x > viewport.width || y > viewport.height) continue;
    const [text, size, angle] = [table.text[row], sizes[table.kind[row]], table.angle[row]];
    for (const down of angle ? [0] : [0, Math.round(0.9 * size), -Math.round(0.9 * size)]) {
      const box = boxOf(x, y + down, text, size, angle);
      if (boxes.some((other) => overlap(box, other))) continue;
      boxes.push(box);
      shown.push({row, down});
      break;
    }
  }
  return shown;
}

const pinBox = ([x, y]) => [x - PIN.width / 2, y - PIN.height, x + PIN.width / 2, y];

function boxOf(x, y, text, size, angle) {
  const width = [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? size : 0.58 * size), 0);
  const [cos, sin] = [Math.abs(Math.cos((angle * Math.PI) / 180)), Math.abs(Math.sin((angle * Math.PI) / 180))];
  const w = (width * cos + size * sin) / 2 + ROOM;
  const h = (width * sin + size * cos) / 2 + ROOM / 2;
  return [x - w, y - h, x + w, y + h];
}

const overlap = (a, b) => a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

// Only letters that have been needed are drawn into the atlas, and once drawn they stay.
function lettersOf(table, rows) {
  table.letters ??= new Set();
  for (const {row} of rows) for (const letter of table.text[row]) table.letters.add(letter);
  return [...table.letters];
}
