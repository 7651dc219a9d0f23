import {crewColor} from './colors.js';

// Marks drawn on a canvas when the page opens: no picture files, and the same colours as everything else.
// An incident says its priority three times, by shape, colour and number; how far it has come by size and badge.
const SCALE = 3; // pixels drawn for one on the screen, for sharp screens and closer zooms
export const MARK = 41; // side of an incident's icon, its overdue ring included
export const PIN = {width: 30, height: 38};
const STAGES = 3; // waiting, sent, on scene
const FONT = '"Noto Sans CJK SC","Noto Sans SC","PingFang SC","Microsoft YaHei",sans-serif';

export const markOf = (priority, stage, overdue) => `${priority}.${stage}.${overdue}`;

/** {canvas, mapping} of every incident mark in the colours of a palette. */
export function incidentAtlas(paint) {
  const {canvas, context} = sheet(MARK * STAGES * 2, MARK * 4);
  const mapping = {};
  for (let priority = 1; priority <= 4; priority++) {
    for (let stage = 0; stage < STAGES; stage++) {
      for (let overdue = 0; overdue < 2; overdue++) {
        const [x, y] = [(2 * stage + overdue) * MARK, (priority - 1) * MARK];
        context.save();
        context.translate(x + MARK / 2, y + MARK / 2);
        incident(context, paint, priority, stage, overdue);
        context.restore();
        mapping[markOf(priority, stage, overdue)] = cell(x, y, MARK, MARK, MARK / 2);
      }
    }
  }
  return {canvas, mapping};
}

function incident(context, paint, priority, stage, overdue) {
  const size = stage === 0 ? 11 : 8;
  if (overdue) ring(context, paint, size + 6);
  context.beginPath();
  SHAPES[priority](context, size);
  context.lineJoin = 'round';
  stroke(context, paint.mark_edge, 4);
  context.fillStyle = paint.priority[priority - 1];
  context.fill();
  const drop = priority === 1 ? size * 0.26 : 0; // a triangle's weight lies low
  write(context, String(priority), paint.priority_ink[priority - 1], stage === 0 ? 11.5 : 8.5, drop);
  if (stage > 0) badge(context, paint, stage, size);
}

const SHAPES = {
  1: (context, r) => polygon(context, [[0, -1.12 * r], [1.16 * r, 0.88 * r], [-1.16 * r, 0.88 * r]]),
  2: (context, r) => polygon(context, [[0, -1.2 * r], [1.2 * r, 0], [0, 1.2 * r], [-1.2 * r, 0]]),
  3: (context, r) => context.roundRect(-0.9 * r, -0.9 * r, 1.8 * r, 1.8 * r, 2.5),
  4: (context, r) => context.arc(0, 0, 0.95 * r, 0, 2 * Math.PI),
};

function ring(context, paint, radius) {
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  stroke(context, paint.mark_edge, 4.6);
  stroke(context, paint.overdue, 2.4);
}

// Somebody is coming: a dot in the colour of a team on its way; somebody is there: a ticked dot.
function badge(context, paint, stage, size) {
  const [x, y] = [size * 0.95, -size * 0.95];
  context.beginPath();
  context.arc(x, y, 4.6, 0, 2 * Math.PI);
  stroke(context, paint.mark_edge, 2.4);
  context.fillStyle = stage === 1 ? paint.on_way : paint.free;
  context.fill();
  context.beginPath();
  if (stage === 1) polyline(context, [[x - 1.6, y - 2], [x + 1.3, y], [x - 1.6, y + 2]]);
  else polyline(context, [[x - 2.2, y], [x - 0.5, y + 1.8], [x + 2.3, y - 1.7]]);
  stroke(context, paint.mark_edge, 1.5);
}

/** {canvas, mapping} of numbered pins and of bases; `pins` are {text, best, crew, base}. */
export function pinAtlas(paint, pins) {
  const {canvas, context} = sheet(PIN.width * Math.max(1, pins.length), PIN.height);
  const mapping = {};
  pins.forEach((each, k) => {
    context.save();
    context.translate((k + 0.5) * PIN.width, 15);
    if (each.base) house(context, paint);
    else pin(context, paint, each);
    context.restore();
    mapping[k] = cell(k * PIN.width, 0, PIN.width, PIN.height, each.base ? 15 : PIN.height - 2);
  });
  return {canvas, mapping};
}

// Where crews set out: a house on a square, in no crew's colour.
function house(context, paint) {
  context.beginPath();
  context.roundRect(-11, -11, 22, 22, 5);
  stroke(context, paint.select_halo, 3);
  context.fillStyle = paint.select;
  context.fill();
  context.beginPath();
  polygon(context, [[0, -7], [7, -0.5], [5, -0.5], [5, 6], [-5, 6], [-5, -0.5], [-7, -0.5]]);
  context.fillStyle = paint.select_halo;
  context.fill();
}

function pin(context, paint, {text, best, crew}) {
  const ofCrew = crew !== null;
  const r = best ? 12 : 10.5;
  context.beginPath();
  context.arc(0, 0, r, 0.78 * Math.PI, 0.22 * Math.PI);
  context.lineTo(0, PIN.height - 17);
  context.closePath();
  context.lineJoin = 'round';
  stroke(context, ofCrew && best ? paint.select : paint.mark_edge, 4);
  context.fillStyle = ofCrew ? crewColor(paint, crew) : best ? paint.pin_best : paint.pin;
  context.fill();
  write(context, text, ofCrew ? paint.crew_ink : paint.pin_ink, [13, 13, 11, 8.5][Math.min(text.length, 3)], 0);
}

function sheet(width, height) {
  const canvas = document.createElement('canvas');
  canvas.width = width * SCALE;
  canvas.height = height * SCALE;
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.scale(SCALE, SCALE);
  return {canvas: canvas, context};
}

const cell = (x, y, width, height, anchorY) => ({
  x: x * SCALE, y: y * SCALE, width: width * SCALE, height: height * SCALE, anchorY: anchorY * SCALE, mask: false,
});

function polyline(context, points) {
  points.forEach(([x, y], k) => (k ? context.lineTo(x, y) : context.moveTo(x, y)));
}

function polygon(context, points) {
  polyline(context, points);
  context.closePath();
}

function stroke(context, color, width) {
  context.strokeStyle = color;
  context.lineWidth = width;
  context.stroke();
}

function write(context, text, color, size, drop) {
  context.fillStyle = color;
  context.font = `700 ${size}px ${FONT}`;
  context.textAlign = 'center';
  context.textBaseline = 'alphabetic';
  const {actualBoundingBoxAscent: up, actualBoundingBoxDescent: down} = context.measureText(text);
  context.fillText(text, 0, drop + (up - down) / 2);
}
