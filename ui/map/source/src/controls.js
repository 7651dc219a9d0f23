// The furniture of the map: buttons, scale bar, tooltip, hint. Text is set as text, never as markup.
import {scale} from './view.js';

const SVG = 'http://www.w3.org/2000/svg';
const DRAWINGS = {
  zoom_in: 'M12 5v14M5 12h14',
  zoom_out: 'M5 12h14',
  home: 'M4 11l8-7 8 7M6.5 9.5V19h11V9.5',
  lasso: 'M7 16.5C4.5 15 3 12.9 3 10.5 3 6.9 7 4 12 4s9 2.9 9 6.5S17 17 12 17c-1 0-2-.1-3-.3M7 14.5a2 2 0 1 0 0 4 2 2 0 0 0 0-4zM7 18.5c0 1.5-.8 2.3-2 2.5',
};

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
}

export class Controls {
  /** `act` is called with the name of the button pressed. */
  constructor(root, act) {
    this.root = root;
    this.hint = element('div', 'hint', root);
    this.hint.hidden = true;
    this.hint.setAttribute('role', 'status');
    this.buttons = this.#buttons(element('div', 'buttons', root), act);
    const bar = element('div', 'scale', root);
    this.bar = element('i', '', bar);
    this.distance = element('span', '', bar);
    this.tip = element('div', 'tip', root);
    this.tip.hidden = true;
    this.fault = element('div', 'fault', root);
    this.fault.hidden = true;
    this.fault.setAttribute('role', 'alert');
  }

  #buttons(box, act) {
    return Object.fromEntries(Object.entries(DRAWINGS).map(([name, drawing]) => {
      const button = element('button', name, box);
      button.type = 'button';
      const svg = document.createElementNS(SVG, 'svg');
      svg.setAttribute('viewBox', '0 0 24 24');
      svg.setAttribute('aria-hidden', 'true');
      const path = document.createElementNS(SVG, 'path');
      path.setAttribute('d', drawing);
      svg.append(path);
      button.append(svg);
      button.addEventListener('click', () => act(name));
      return [name, button];
    }));
  }

  say(words) {
    for (const [name, button] of Object.entries(this.buttons)) {
      button.title = words[name];
      button.setAttribute('aria-label', words[name]);
    }
    this.buttons.lasso.hidden = !words.lasso;
    this.hint.textContent = words.lasso_hint;
  }

  /** Colours of the furniture as CSS variables. */
  paint(palette) {
    for (const name of ['ground', 'panel', 'line', 'text', 'muted', 'accent', 'lasso']) this.root.style.setProperty(`--${name}`, palette[name]);
  }

  lasso(on) {
    this.hint.hidden = !on;
    this.buttons.lasso.setAttribute('aria-pressed', String(on));
  }

  measure(view) {
    const {metres, pixels} = scale(view, 110);
    this.bar.style.width = `${pixels.toFixed(1)}px`;
    this.distance.textContent = metres < 1000 ? `${metres} m` : `${metres / 1000} km`;
  }

  showTip(text, x, y) {
    this.tip.hidden = !text;
    if (!text) return;
    this.tip.textContent = text;
    const {offsetWidth: width, offsetHeight: height} = this.tip;
    const {clientWidth, clientHeight} = this.root;
    const left = x + 16 + width > clientWidth ? x - 12 - width : x + 16;
    this.tip.style.transform = `translate(${Math.max(4, left)}px, ${Math.min(y + 16, clientHeight - height - 4)}px)`;
  }

  /** What could not be loaded, so that an empty map never looks like a quiet one. */
  showFault(text) {
    this.fault.hidden = !text;
    this.fault.textContent = text;
  }
}
