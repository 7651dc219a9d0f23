// One map on the page: holds the view, listens to the hand, and draws what the spec from Python says.
import {FlyToInterpolator} from '@deck.gl/core';
import {Controls} from './controls.js';
import {cellLayers, groundLayers} from './ground.js';
import {Kept} from './kept.js';
import {labelLayers} from './labels.js';
import {Lasso} from './lasso.js';
import {lassoLayer, markLayers} from './marks.js';
import {Sheets} from './sheets.js';
import {table} from './tables.js';
import {bounded, savedView, saveView, viewport} from './view.js';

const SHEETS = ['cells', 'ground', 'marks']; // from bottom to top
const MARKS = ['pins', 'incidents', 'teams'];
const SETTLE_MS = 60;
const CLICK_PX = 5;
const PAN_PX = 90;
const flown = new Map(); // key -> last camera move carried out, so that a map mounted again does not repeat it

export class GridMap {
  #kept = new Kept();
  #tables = {};
  #spec = null;
  #paint = null;
  #ring = null;
  #round = 0;
  #settle = 0;
  #hover = 0;
  #warm = 0;
  #pickMs = 0;
  #down = null;
  #awaited = null; // revision whose frame is still to come

  constructor(root, key) {
    this.root = root;
    this.key = key;
    this.canvas = document.createElement('div');
    this.canvas.className = 'canvas';
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute('role', 'application');
    root.append(this.canvas);
    this.lasso = new Lasso(root, (corners) => this.#drawn(corners), () => this.controls.lasso(false));
    this.controls = new Controls(root, (name) => this.#act(name));
    this.view = savedView(key);
    this.sheets = new Sheets(this.canvas, SHEETS, {
      hand: {doubleClickZoom: true, dragRotate: false, touchRotate: false, keyboard: false, inertia: 120},
      getCursor: ({isDragging}) => (isDragging ? 'grabbing' : 'inherit'),
      onViewStateChange: ({viewState}) => this.#spec && this.#set(viewState),
      onDrawn: () => this.#rendered(),
      onError: (error) => this.controls.showFault(error.message),
    });
    if (this.view) this.sheets.look(this.view);
    this.#listen();
    this.resized = new ResizeObserver(() => this.#look());
    this.resized.observe(root);
  }

  // ---- what Python says

  /** Takes the newest spec and the way to answer it; fetches what is new, then draws. */
  async update(spec, send) {
    this.send = send;
    const round = ++this.#round;
    this.root.style.height = spec.height;
    this.canvas.setAttribute('aria-label', spec.words.map);
    this.controls.say(spec.words);
    const fresh = await this.#fetch(spec.tables);
    if (round !== this.#round) return; // a newer spec has overtaken this one
    this.#tables = fresh;
    if (JSON.stringify(spec.palette) !== JSON.stringify(this.#paint)) this.#paint = spec.palette; // layers compare by identity
    if (this.#spec?.lasso_cleared !== spec.lasso_cleared) this.#ring = null;
    this.#spec = spec;
    this.controls.paint(spec.palette);
    if (!this.view) this.#set(at(spec.home));
    this.#fly(spec.fly);
    this.#awaited = spec.revision;
    this.#look();
  }

  // The ready mark follows the first frame drawn after the spec: what waits for it may look at pixels and click.
  #rendered() {
    if (this.#awaited === null || !this.sheets.drawn) return;
    const revision = this.#awaited;
    this.#awaited = null;
    this.#warmUp();
    this.root.dataset.ready = '1';
    this.root.dataset.revision = revision;
  }

  // The first pick makes the graphics card compile; better now than under the first click.
  #warmUp() {
    if (this.root.dataset.ready) return;
    this.#warm = setTimeout(() => this.#thing(1, 1, [...MARKS, 'cells']));
  }

  async #fetch(addresses) {
    const faults = [];
    const got = await Promise.all(Object.entries(addresses).map(async ([name, address]) => {
      try {
        return [name, await table(address)];
      } catch (error) {
        faults.push(`${name}: ${error.message}`);
        return [name, this.#tables[name]];
      }
    }));
    this.controls.showFault(faults.join('\n'));
    return Object.fromEntries(got.filter(([, each]) => each));
  }

  #fly(order) {
    if (!order || flown.get(this.key) === order.seq) return;
    flown.set(this.key, order.seq);
    this.#glide({longitude: order.lon, latitude: order.lat, zoom: order.zoom ?? this.view.zoom}, 600, new FlyToInterpolator());
  }

  // ---- the view

  #set(viewState) {
    this.view = bounded(viewState);
    this.sheets.look(this.view);
    this.controls.measure(this.view);
    this.controls.showTip('');
    clearTimeout(this.#settle);
    this.#settle = setTimeout(() => this.#look(), SETTLE_MS);
  }

  #glide(change, ms, interpolator) {
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const motion = still ? {transitionDuration: 0} : {transitionDuration: ms, ...(interpolator && {transitionInterpolator: interpolator})};
    this.#set({...this.view, ...change, ...motion});
  }

  #look() {
    if (!this.#spec || !this.view) return;
    saveView(this.key, this.view);
    this.controls.measure(this.view);
    this.#draw();
  }

  /** Pixel of the page where a place is drawn. */
  project(lon, lat) {
    const box = this.canvas.getBoundingClientRect();
    const [x, y] = viewport(this.view, this.canvas).project([lon, lat]);
    return [box.x + x, box.y + y];
  }

  // ---- the picture

  #draw() {
    const port = viewport(this.view, this.canvas);
    const look = {zoom: this.view.zoom, bounds: port.getBounds(), viewport: port};
    const [kept, tables, paint] = [this.#kept, this.#tables, this.#paint];
    const layers = {
      cells: cellLayers(kept, tables.cells, tables.tint, paint),
      ground: [...groundLayers(kept, tables, look, paint), ...labelLayers(kept, tables.labels, look, this.#spec.pins, paint)],
      marks: [...lassoLayer(kept, this.#ring, paint), ...markLayers(kept, tables, look, this.#spec, paint)],
    };
    kept.turn();
    this.sheets.show(layers, this.#spec.sharp);
    this.#rendered(); // when nothing is new there will be no frame
  }

  // ---- the hand

  // deck.gl's own click waits for gestures and loses them when drawing is slow, and it picks at every move of the
  // pointer; clicks are therefore the browser's own, and hovering is as often as the last pick was quick.
  #listen() {
    const canvas = this.canvas;
    canvas.addEventListener('pointerdown', (event) => { this.#down = this.#at(event); }, true);
    canvas.addEventListener('click', (event) => this.#click(this.#at(event)));
    canvas.addEventListener('pointermove', (event) => this.#hovered(event), true);
    canvas.addEventListener('pointerleave', () => { clearTimeout(this.#hover); this.controls.showTip(''); });
    this.root.addEventListener('keydown', (event) => this.#key(event));
  }

  #at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [event.clientX - box.x, event.clientY - box.y];
  }

  #click([x, y]) {
    if (!this.#down || Math.hypot(x - this.#down[0], y - this.#down[1]) > CLICK_PX) return;
    const [lon, lat] = viewport(this.view, this.canvas).unproject([x, y]);
    this.send('click', {...(this.#thing(x, y, [...MARKS, 'cells']) ?? {layer: '', id: ''}), lon, lat});
  }

  #hovered(event) {
    if (event.buttons) return;
    event.stopPropagation();
    const [x, y] = this.#at(event);
    clearTimeout(this.#hover);
    this.#hover = setTimeout(() => {
      const began = performance.now();
      const thing = this.#thing(x, y, MARKS);
      this.#pickMs = performance.now() - began;
      this.canvas.style.cursor = thing ? 'pointer' : 'grab';
      this.controls.showTip(thing?.tip ?? '', x, y);
    }, Math.min(400, 40 + 2 * this.#pickMs));
  }

  // The topmost mark near the pointer, else what lies under it.
  #thing(x, y, names) {
    const marks = names.filter((name) => name !== 'cells');
    const hit = this.sheets.pick('marks', {x, y, radius: 6, layerIds: marks})
      ?? (names.includes('cells') ? this.sheets.pick('cells', {x, y}) : null);
    return hit && hit.index >= 0 ? this.#named(hit.layer.id, hit.index) : null;
  }

  #named(layer, index) {
    if (layer === 'pins') {
      const {id, tip} = this.#spec.pins[index];
      return {layer, id, tip};
    }
    const columns = this.#tables[layer];
    const row = layer === 'cells' ? columns.owner[index] : index;
    return {layer, id: columns.id[row], tip: columns.tip?.[row] ?? columns.id[row]};
  }

  #key(event) {
    const pan = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]}[event.key];
    const onMap = event.target === this.canvas;
    if (this.lasso.key(event.key)) event.stopPropagation();
    else if (event.key === 'Escape' && this.#ring) this.#clear();
    else if (onMap && pan) this.#pan(pan);
    else if (onMap && (event.key === '+' || event.key === '=')) this.#act('zoom_in');
    else if (onMap && event.key === '-') this.#act('zoom_out');
    else return;
    event.preventDefault();
  }

  #pan([right, down]) {
    const {clientWidth, clientHeight} = this.canvas;
    const [longitude, latitude] = viewport(this.view, this.canvas).unproject([clientWidth / 2 + right * PAN_PX, clientHeight / 2 + down * PAN_PX]);
    this.#glide({longitude, latitude}, 150);
  }

  #act(name) {
    if (name === 'zoom_in') this.#glide({zoom: Math.round(this.view.zoom * 2) / 2 + 1}, 200);
    if (name === 'zoom_out') this.#glide({zoom: Math.round(this.view.zoom * 2) / 2 - 1}, 200);
    if (name === 'home') this.#glide(at(this.#spec.home), 500, new FlyToInterpolator());
    if (name === 'lasso') this.#toggleLasso();
  }

  // ---- the lasso

  #toggleLasso() {
    if (this.lasso.active) this.lasso.stop();
    else if (this.#ring) this.#clear();
    else {
      this.lasso.start();
      this.controls.lasso(true);
    }
  }

  #drawn(corners) {
    const port = viewport(this.view, this.canvas);
    this.#ring = corners.map((corner) => port.unproject(corner));
    this.#draw();
    this.send('lasso', this.#ring);
  }

  #clear() {
    this.#ring = null;
    this.#draw();
    this.send('lasso', []);
  }

  destroy() {
    this.#round++; // what is still being fetched comes too late
    for (const timer of [this.#settle, this.#hover, this.#warm]) clearTimeout(timer);
    this.resized.disconnect();
    this.sheets.destroy();
    this.root.replaceChildren();
  }
}

const at = ([longitude, latitude, zoom]) => ({longitude, latitude, zoom});
