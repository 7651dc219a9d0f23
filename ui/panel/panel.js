// One panel: takes HTML made on the server, changes only what differs, reports the deeds asked for.
// The server puts STYLE, the text of panel.css, in front of this script.
const wired = new WeakSet();
const sheet = new CSSStyleSheet();
sheet.replaceSync(STYLE);

// Make `now` equal to `next` node by node, so that scroll, focus and open <details> survive a refresh.
function morph(now, next) {
  if (now.nodeType !== next.nodeType || now.nodeName !== next.nodeName) { now.replaceWith(next.cloneNode(true)); return; }
  if (now.nodeType === Node.TEXT_NODE) { if (now.data !== next.data) now.data = next.data; return; }
  if (now.nodeType !== Node.ELEMENT_NODE) return;
  for (const name of now.getAttributeNames())
    if (!next.hasAttribute(name) && !(name === "open" && now.nodeName === "DETAILS")) now.removeAttribute(name);
  for (const name of next.getAttributeNames())
    if (now.getAttribute(name) !== next.getAttribute(name)) now.setAttribute(name, next.getAttribute(name));
  const wanted = [...next.childNodes];
  wanted.forEach((child, i) => (i < now.childNodes.length ? morph(now.childNodes[i], child) : now.append(child.cloneNode(true))));
  while (now.childNodes.length > wanted.length) now.lastChild.remove();
}

// Where this device is, as it says itself: "lon,lat,metres of doubt", or "denied" without leave, signal or https.
function locate(tell) {
  if (!navigator.geolocation) return tell("denied");
  const found = ({ coords }) => tell([coords.longitude, coords.latitude, coords.accuracy].join(","));
  navigator.geolocation.getCurrentPosition(found, () => tell("denied"), { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 });
}

// Streamlit keeps the chosen theme under this name (version pinned in the lock file, held by a browser test).
function chooseTheme(name) {
  localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify(name));
  location.reload();
}

// What is not saved lives in the session, which ends with the page: a reload, another theme, a closed tab ask first.
let unsaved = null;
addEventListener("beforeunload", (event) => unsaved?.isConnected && event.preventDefault());

// What is under the pointer, in whichever panel.
function under(x, y) {
  let found = document.elementFromPoint(x, y);
  while (found?.shadowRoot) {
    const inside = found.shadowRoot.elementFromPoint(x, y);
    if (!inside || inside === found) break;
    found = inside;
  }
  return found;
}

// A row with data-drag is taken by the mouse to an element with data-drop of any panel. What was under the mouse when it
// was pressed is what is held: a refresh may put another row there. The server hears "drag:ROW" when it leaves its place,
// so that the targets can say what they think of it, and "drop:[ROW,TARGET]", or "drag:", at the end.
function dragging(root) {
  let held = null;
  const over = (target) => {
    if (held.over !== target) held.over?.removeAttribute("data-over");
    held.over = target;
    target?.setAttribute("data-over", "");
  };
  const move = (event) => {
    if (!held.ghost) {
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < 6) return;
      held.ghost = document.createElement("div");
      held.ghost.textContent = held.label;
      document.body.append(held.ghost);
      Object.assign(held.ghost.style, GHOST, root.classList.contains("dark") ? { background: "#16304a", color: "#e3eaf2" } : {});
      document.documentElement.style.userSelect = "none";
      root.act(`drag:${held.what}`);
    }
    event.preventDefault();
    Object.assign(held.ghost.style, { left: `${event.clientX + 10}px`, top: `${event.clientY - 44}px` });
    over(under(event.clientX, event.clientY)?.closest?.("[data-drop]") ?? null);
  };
  const end = (event) => {
    removeEventListener("pointermove", move, true);
    removeEventListener("pointerup", end, true);
    removeEventListener("pointercancel", end, true);
    removeEventListener("keydown", escape, true);
    const { what, ghost } = held, target = event.type === "pointerup" ? held.over : null;
    if (ghost) {
      over(null);
      ghost.remove();
      document.documentElement.style.userSelect = "";
      root.dragged = Date.now(); // the click that follows is none
      root.act(target ? `drop:${JSON.stringify([what, target.dataset.drop])}` : "drag:");
    }
    held = null;
  };
  const escape = (event) => event.key === "Escape" && end(event);
  root.addEventListener("pointerdown", (event) => {
    const row = event.target.closest("[data-drag]");
    if (!row || event.button || event.pointerType === "touch") return;
    held = { what: row.dataset.drag, label: row.dataset.label, x: event.clientX, y: event.clientY, over: null, ghost: null };
    addEventListener("pointermove", move, true);
    addEventListener("pointerup", end, true);
    addEventListener("pointercancel", end, true);
    addEventListener("keydown", escape, true);
  });
}
const GHOST = { position: "fixed", zIndex: 1000, pointerEvents: "none", padding: "5px 10px", borderRadius: "6px", font: "600 13px system-ui, sans-serif", background: "#e0edfa", color: "#18222d", boxShadow: "0 6px 18px rgb(0 0 0 / .3)", maxWidth: "260px" };

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".panel-root");
  const around = root.getRootNode();
  if (!around.adoptedStyleSheets.includes(sheet)) around.adoptedStyleSheets.push(sheet);
  const box = document.createElement("div");
  box.className = `panel-root ${data.theme}`;
  box.innerHTML = data.html;
  morph(root, box);
  const chosen = root.querySelector("[aria-selected=true][data-follow]");
  if (chosen && root.dataset.chosen !== chosen.dataset.follow) chosen.scrollIntoView({ block: "nearest" });
  root.dataset.chosen = chosen ? chosen.dataset.follow : "";
  if (root.querySelector("[data-unsaved]")) unsaved = root;
  else if (unsaved === root) unsaved = null;
  root.act = (act) => (act.startsWith("theme:") ? chooseTheme(act.slice(6)) : setTriggerValue("act", act));
  if (wired.has(root)) return;
  wired.add(root);
  dragging(root);
  root.addEventListener("click", (event) => {
    if (Date.now() - (root.dragged ?? 0) < 300) return;
    const place = event.target.closest("[data-locate]");
    if (place) return locate((said) => root.act(`${place.dataset.locate}:${said}`));
    const asked = event.target.closest("[data-act]");
    if (!asked || asked.disabled) return;
    root.act(asked.dataset.act);
    // On a narrow screen the queue lies over the map while it has the focus; a mouse does not need it there.
    if (event.detail && matchMedia("(max-width: 1499px)").matches) asked.blur();
  });
  // A card that hangs from the strip goes when one looks elsewhere.
  const close = (event) => {
    if (!root.isConnected) return document.removeEventListener("pointerdown", close, true);
    const card = root.querySelector("details.who[open]");
    if (card && !event.composedPath().includes(card)) card.open = false;
  };
  document.addEventListener("pointerdown", close, true);
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape") root.querySelector("details.who[open]")?.removeAttribute("open");
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target.closest("[role=option]");
    if (!step || !row) return;
    event.preventDefault();
    const rows = [...root.querySelectorAll("[role=option]")];
    rows[rows.indexOf(row) + step]?.focus();
  });
}
