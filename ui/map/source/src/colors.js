// Colours of the palette as deck.gl wants them. Equal text gives the same array, so layers can compare by identity.
const known = new Map();

/** "#RRGGBB" or "#RRGGBBAA" as [r, g, b, a]. */
export function rgba(hex) {
  if (!known.has(hex)) {
    const byte = (at) => parseInt(hex.slice(at, at + 2), 16);
    known.set(hex, [byte(1), byte(3), byte(5), hex.length > 7 ? byte(7) : 255]);
  }
  return known.get(hex);
}

/** The colour of crew `number`, in turn where there are more crews than colours. */
export const crewColor = (paint, number) => paint.crew[number % paint.crew.length];

/** A deck.gl accessor that colours row `index` by its class; written for binary data, without an array a row. */
export function byClass(hexes, classOf) {
  const colors = hexes.map(rgba);
  return (_, {index, target}) => {
    const color = colors[Math.min(classOf(index), colors.length - 1)];
    for (let k = 0; k < 4; k++) target[k] = color[k];
    return target;
  };
}
