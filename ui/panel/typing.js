// A form that is typed in without a pause: what stands in its fields is reported after a moment's rest, and keys are deeds.
// The panel's own script has drawn the fields; what is typed in them is never touched by a refresh.
const REST_MS = 300;
const forms = new WeakMap();

// Keys that are deeds wherever the form has the focus; Alt so that they are never part of a text.
function deedOf(event) {
  if (event.key === "Escape") return "clear";
  if (event.key === "Enter") {
    if (event.shiftKey || event.ctrlKey) return "";
    return event.altKey ? "force" : event.target.name === "find" ? "find" : "accept";
  }
  if (!event.altKey || event.ctrlKey || event.metaKey) return "";
  if (/^Digit[1-9]$/.test(event.code)) return `pick:${event.code.slice(5)}`;
  return { KeyD: "double", KeyP: "spot", KeyZ: "undo" }[event.code] || "";
}

class Form {
  constructor(root) {
    this.root = root;
    this.pasted = false;
    this.at = 0;
    this.timer = 0;
    root.addEventListener("input", (event) => this.typed(event));
    root.addEventListener("compositionend", () => this.rest());
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("focusout", () => this.leave());
    const elsewhere = (event) => {
      if (!root.isConnected) document.removeEventListener("pointerdown", elsewhere, true);
      else if (!event.composedPath().includes(root)) this.leave();
    };
    document.addEventListener("pointerdown", elsewhere, true);
  }

  field(name) { return this.root.querySelector(`[name=${name}]`); }

  fields() { return [...this.root.querySelectorAll("[name]")]; }

  // Every word to the server is later than all before it, whatever the clock of this machine does.
  values() {
    const values = Object.fromEntries(this.fields().map((field) => [field.name, field.value]));
    this.at = Math.max(Date.now(), this.at + 1);
    return { ...values, pasted: this.pasted, round: this.round, at: this.at };
  }

  typed(event) {
    this.pasted = event.inputType === "insertFromPaste" && event.target.name === "text";
    if (event.isComposing) return;
    if (this.pasted) this.report();
    else this.rest();
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = 0;
  }

  rest() {
    this.stop();
    this.timer = setTimeout(() => this.report(), REST_MS);
  }

  // Whoever leaves the form does not wait for the rest: what the click does may take the form away.
  leave() {
    if (this.timer) this.report();
  }

  report() {
    this.stop();
    this.setStateValue("typed", this.values());
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229 || event.target.closest("button")) return;
    const deed = deedOf(event);
    if (!deed) return this.newline(event);
    event.preventDefault();
    if (deed === "clear" && event.target.name === "find" && event.target.value) {
      event.target.value = "";
      return this.report();
    }
    // A key held down, or pressed again before the answer has come, is the same deed.
    if (event.repeat || this.asked > this.heard) return;
    this.stop();
    this.asked = this.heard + 1;
    this.sent = this.values();
    this.setTriggerValue("deed", { name: deed, number: this.asked, seen: this.seen, ...this.sent });
  }

  newline(event) {
    if (event.key !== "Enter" || !event.ctrlKey || event.target.name !== "text") return;
    event.preventDefault();
    document.execCommand("insertText", false, "\n");
  }

  // The next one is open: what was sent goes, what has been typed since stays and is reported.
  clear(values) {
    let more = false;
    for (const field of this.fields()) {
      const typedSince = this.sent && field.value !== this.sent[field.name];
      if (typedSince) more = true;
      else field.value = values[field.name] ?? "";
    }
    this.sent = null;
    this.pasted = false;
    if (more) this.report();
  }

  take(data) {
    this.seen = data.seen;
    this.heard = data.heard;
    this.at = Math.max(this.at, data.at);
    if (this.asked === undefined) this.asked = data.heard;
    if (this.round !== data.round) {
      this.round = data.round;
      this.clear(data.values);
    }
    if (this.emptied !== data.emptied) {
      this.emptied = data.emptied;
      if (this.field("find")) this.field("find").value = "";
    }
    if (this.moved === data.focus.number) return;
    this.moved = data.focus.number;
    const field = this.field(data.focus.field);
    field?.focus();
    if (field?.name === "text") field.setSelectionRange(field.value.length, field.value.length);
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  const root = parentElement.querySelector(".panel-root");
  if (!forms.has(root)) forms.set(root, new Form(root));
  const form = forms.get(root);
  form.setStateValue = setStateValue;
  form.setTriggerValue = setTriggerValue;
  form.take(data);
}
