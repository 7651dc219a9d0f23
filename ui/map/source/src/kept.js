// Layers are described anew only when what they are made of has changed.
const same = (a, b) => a.length === b.length && a.every((each, k) => each === b[k]);

export class Kept {
  #before = new Map();
  #now = new Map();

  /** The layer `id`, from the last round where all of `needs` are identical, else from `build(id)`. */
  layer(id, needs, build) {
    const old = this.#before.get(id);
    const entry = old && same(old.needs, needs) ? old : {needs, layer: build(id)};
    this.#now.set(id, entry);
    return entry.layer;
  }

  /** Ends a round. A layer not asked for in it is forgotten: deck.gl has let go of its buffers. */
  turn() {
    this.#before = this.#now;
    this.#now = new Map();
  }
}
