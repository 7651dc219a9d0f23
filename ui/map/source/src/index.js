// The component's entry. Streamlit calls it at every rerun; the map itself lives as long as its element does.
import {GridMap} from './grid_map.js';
import css from './style.css';

const maps = new WeakMap(); // element -> its map
const GONE_AFTER_MS = 250;

export default function gridMap({data, parentElement, setTriggerValue}) {
  const root = parentElement.querySelector('.gridbeat-map');
  if (!maps.has(root)) {
    const style = document.createElement('style');
    style.textContent = css;
    root.before(style);
    maps.set(root, new GridMap(root, data.key));
    root.map = maps.get(root); // for whoever has to find a place on the page: root.map.project(lon, lat)
  }
  maps.get(root).update(data, setTriggerValue);
  return () => setTimeout(() => removeIfGone(root), GONE_AFTER_MS);
}

// Streamlit also cleans up after a call that a quicker rerun has overtaken; the map then still stands on the page.
function removeIfGone(root) {
  if (root.isConnected || !maps.has(root)) return;
  maps.get(root).destroy();
  maps.delete(root);
}
