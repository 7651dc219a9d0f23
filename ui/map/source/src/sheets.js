// One view on several canvases over each other, each drawn anew only when what lies on it is new: while teams move,
// the streets stay as they are. Without a graphics card the streets are most of a frame.
import {Deck, MapView} from '@deck.gl/core';

class Sheet {
  #stale = true; // layers have been handed over and not been drawn yet
  layers = [];

  constructor(parent, {onDrawn, ...props}) {
    const place = document.createElement('div');
    place.className = 'sheet';
    parent.append(place);
    this.deck = new Deck({
      parent: place,
      width: '100%',
      height: '100%',
      views: new MapView({repeat: false}),
      viewState: {longitude: 0, latitude: 0, zoom: 10},
      layers: [],
      onAfterRender: () => {
        this.#stale = false;
        onDrawn();
      },
      ...props,
    });
  }

  show(layers, useDevicePixels) {
    const same = layers.length === this.layers.length && layers.every((layer, k) => layer === this.layers[k]);
    this.layers = layers;
    this.#stale ||= !same;
    if (this.#stale) this.deck.setProps({layers, useDevicePixels}); // a frame without news would cost as much as any
  }

  get drawn() {
    return !this.#stale && this.layers.every((layer) => layer.isLoaded);
  }
}

export class Sheets {
  #sheets;

  /** `names` from bottom to top; the uppermost takes the hand, with `hand` as its controller. */
  constructor(parent, names, {hand, ...props}) {
    const top = names.at(-1);
    this.#sheets = new Map(names.map((name) => [name, new Sheet(parent, {...props, controller: name === top ? hand : false})]));
  }

  look(viewState) {
    for (const {deck} of this.#sheets.values()) deck.setProps({viewState});
  }

  /** `layers` by the name of their sheet. */
  show(layers, useDevicePixels) {
    for (const [name, sheet] of this.#sheets) sheet.show(layers[name], useDevicePixels);
  }

  get drawn() {
    return [...this.#sheets.values()].every((sheet) => sheet.drawn);
  }

  /** Names of all layers that are shown. */
  get shown() {
    return [...this.#sheets.values()].flatMap(({layers}) => layers.map(({id}) => id));
  }

  pick(name, question) {
    return this.#sheets.get(name).deck.pickObject(question);
  }

  destroy() {
    for (const {deck} of this.#sheets.values()) deck.finalize();
  }
}
