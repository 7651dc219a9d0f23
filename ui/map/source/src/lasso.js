// Drawing around an area: drag freehand, or click the corners and close with a double click or Enter.
// A sheet of SVG above the map takes the pointer meanwhile, so the map below stands still and draws nothing new.
const SVG = 'http://www.w3.org/2000/svg';
const DRAG_PX = 6;
const STEP_PX = 4;
const MOST_POINTS = 400;

export class Lasso {
  #points = [];
  #freehand = false;
  #down = null;

  /** `done` receives the corners in pixels of the map; `left` is called when drawing ends in any way. */
  constructor(parent, done, left) {
    this.done = done;
    this.left = left;
    this.sheet = document.createElementNS(SVG, 'svg');
    this.sheet.classList.add('lasso-sheet');
    this.sheet.setAttribute('tabindex', '-1'); // keeps the keys while it takes the clicks
    this.line = document.createElementNS(SVG, 'path');
    this.sheet.append(this.line);
    this.sheet.addEventListener('pointerdown', (event) => this.#press(event));
    this.sheet.addEventListener('pointermove', (event) => this.#move(event));
    this.sheet.addEventListener('pointerup', (event) => this.#release(event));
    this.sheet.addEventListener('pointercancel', () => this.stop());
    this.sheet.addEventListener('dblclick', () => this.#finish());
    parent.append(this.sheet);
  }

  get active() {
    return this.sheet.classList.contains('on');
  }

  start() {
    this.#points = [];
    this.#draw();
    this.sheet.classList.add('on');
    this.sheet.focus({preventScroll: true});
  }

  stop() {
    if (!this.active) return;
    this.sheet.classList.remove('on');
    this.#points = [];
    this.#down = null;
    this.#freehand = false;
    this.#draw();
    this.left();
  }

  /** Whether the key meant something to the lasso. */
  key(name) {
    if (!this.active) return false;
    if (name === 'Escape') this.stop();
    else if (name === 'Enter') this.#finish();
    else if (name === 'Backspace') this.#points.pop();
    else return false;
    this.#draw();
    return true;
  }

  #at(event) {
    const box = this.sheet.getBoundingClientRect();
    return [event.clientX - box.x, event.clientY - box.y];
  }

  #press(event) {
    if (event.button !== 0) return;
    this.sheet.setPointerCapture(event.pointerId);
    this.#down = this.#at(event);
  }

  #move(event) {
    const at = this.#at(event);
    if (this.#down && !this.#freehand && !this.#points.length && apart(at, this.#down) > DRAG_PX) {
      this.#freehand = true;
      this.#points = [this.#down];
    }
    if (this.#freehand && apart(at, this.#points.at(-1)) >= STEP_PX) this.#points.push(at);
    this.#draw(this.#freehand ? null : at);
  }

  #release(event) {
    if (!this.#down) return;
    const at = this.#at(event);
    this.#down = null;
    if (this.#freehand) this.#finish();
    else if (!this.#points.length || apart(at, this.#points.at(-1)) > 2) this.#points.push(at);
    this.#draw();
  }

  #finish() {
    const every = Math.ceil(this.#points.length / MOST_POINTS);
    const corners = this.#points.filter((_, k) => k % Math.max(1, every) === 0);
    if (corners.length < 3) {
      this.#freehand = false;
      return;
    }
    this.stop();
    this.done(corners);
  }

  #draw(next = null) {
    const points = next ? [...this.#points, next] : this.#points;
    const path = points.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join('L');
    this.line.setAttribute('d', this.#points.length ? `M${path}${points.length > 2 ? 'Z' : ''}` : '');
  }
}

const apart = ([x, y], [u, v]) => Math.hypot(x - u, y - v);
