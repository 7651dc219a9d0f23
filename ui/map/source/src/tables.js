// Tables from the server: the binary columns of ui/map/columns.py, each fetched once.
const KINDS = {u1: Uint8Array, u2: Uint16Array, u4: Uint32Array, i4: Int32Array, f4: Float32Array, f8: Float64Array};
const MAGIC = 0x31434247; // "GBC1"
const STEPS_PER_DEGREE = 1e7;
const KEPT = 40;

/** Columns of one container by name; `n` is the number of rows. */
export function parse(buffer) {
  const view = new DataView(buffer);
  if (view.getUint32(0, true) !== MAGIC) throw new Error('not a table of the map');
  const length = view.getUint32(4, true);
  const text = (at, count) => JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, at, count)));
  const header = text(8, length);
  const body = Math.ceil((8 + length) / 8) * 8;
  const table = {n: header.n};
  for (const [name, kind, count, at] of header.columns) {
    table[name] = kind === 'json' ? text(body + at, count) : new KINDS[kind](buffer, body + at, count);
  }
  return table;
}

/** Longitude and latitude of vertex k. */
export const place = ({xy}, k) => [xy[2 * k] / STEPS_PER_DEGREE, xy[2 * k + 1] / STEPS_PER_DEGREE];

/** Row of an id in a table, -1 where it is not there. */
export function rowOf(table, id) {
  table.rows ??= new Map(table.id.map((each, row) => [each, row]));
  return table.rows.get(id) ?? -1;
}

const fetched = new Map(); // address -> promise of a table; the page's, shared by all maps on it

/** The table at an address. The address names the content, so it is asked for once; a failure is not kept. */
export function table(address) {
  const known = fetched.get(address);
  fetched.delete(address);
  const promise = known ?? ask(address);
  fetched.set(address, promise);
  if (fetched.size > KEPT) fetched.delete(fetched.keys().next().value);
  promise.catch(() => fetched.delete(address));
  return promise;
}

async function ask(address) {
  const response = await fetch(new URL(address, document.baseURI), {credentials: 'same-origin'});
  if (!response.ok) throw new Error(`${response.status} for ${address}`);
  return parse(await response.arrayBuffer());
}
