// The desk's one input. Whatever is scanned or typed goes into it, wherever the focus stands, unless somebody chose
// another field to write in; and a scanner's burst of characters is a scan even there. It sends on Enter, and holds
// back what a fast scanner sends meanwhile: one code is under way at a time, the next goes out when the page has
// answered the last. So does a shortcut of the page's that is pressed meanwhile: it is meant for what the scan brings.
const kept = new WeakMap();
const PATIENCE = 8000; // ms until an unanswered code is sent again; its number makes the second one harmless
const ECHO = 250; // ms in which a bare Enter after a code is the scanner's line feed, not somebody's wish
const PACE = 35; // ms a character, on the average: nobody types so fast, scanners are faster
const PAUSE = 120; // ms without a character after which a burst is another one
const SHORTEST = 6; // characters of a scan
const CODE = /^[0-9A-Za-z$%+./-]+$/;
const WRITTEN_IN = "input:not([type=button], [type=checkbox], [type=radio], [type=range], [type=submit]), textarea, select, [contenteditable=true], [role=combobox], [role=spinbutton]";
const PRESSED = "button, a[href], summary, input, [role=button], [role=tab], [role=checkbox], [role=option], [role=menuitem]";
const OVER = "[role=dialog], [role=menu], [role=listbox], [data-testid=stPopoverBody]";
const SOUND = "tome-desk-sound";

function start(root) {
  const state = { queue: [], sent: null, count: 0, mark: Date.now().toString(36) + Math.random().toString(36).slice(2, 8), send: null, last: 0 };
  const input = root.querySelector("input");
  const writes = (element) => Boolean(element && element !== input && element.matches(WRITTEN_IN));
  const open = () => document.querySelector("[data-testid=stDialog]");
  const focus = () => { if (!writes(active()) && !open()) input.focus({ preventScroll: true }); };
  const take = (code) => {
    state.last = performance.now();
    state.queue.push({ seq: `${state.mark}-${++state.count}`, code });
    next(state, root);
  };
  const enter = () => {
    const code = input.value.trim();
    if (!code && performance.now() - state.last < ECHO) return;
    input.value = "";
    take(code);
  };
  input.addEventListener("keydown", (event) => {
    if (bare(event)) event.stopPropagation(); // a letter here is no shortcut of the page's
    if (event.key === "Escape") { input.value = ""; event.preventDefault(); }
    if (event.key !== "Enter" && event.key !== "Tab") return;
    if (event.key === "Tab" && !input.value) return;
    event.preventDefault();
    enter();
  });
  const burst = burstOf(take, focus);
  // Runs before anything else hears the key. The character goes where the focus is moved to.
  const key = (event) => {
    const at = active();
    if (shortcut(event) && event.isTrusted && (state.sent || state.queue.length)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!event.repeat) state.queue.push({ press: { key: event.key, code: event.code } });
      return;
    }
    if (at === input || open() || event.isComposing) return;
    if (writes(at)) return burst(event, at);
    if (bare(event)) {
      if (event.key === " " && at && at.matches(PRESSED)) return; // the keyboard's way to press it
      input.focus({ preventScroll: true });
      event.stopImmediatePropagation();
    } else if (event.key === "Enter" && (!at || at === document.body)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      focus();
      enter();
    }
  };
  // After a press with the mouse the input waits for the next scan again; what was opened or marked stays so.
  const click = (event) => {
    if (!event.detail || event.pointerType === "touch") return;
    setTimeout(() => { if (!document.querySelector(OVER) && getSelection().isCollapsed) focus(); }, 0);
  };
  const timer = setInterval(() => {
    const nowhere = document.hasFocus() && document.activeElement === document.body;
    if (nowhere && !document.querySelector(OVER) && getSelection().isCollapsed) focus();
    if (state.sent && performance.now() - state.at > PATIENCE) deliver(state);
  }, 400);
  window.addEventListener("keydown", key, true);
  window.addEventListener("click", click);
  state.focus = focus;
  state.stop = () => {
    clearInterval(timer);
    window.removeEventListener("keydown", key, true);
    window.removeEventListener("click", click);
  };
  root.querySelector(".answer").addEventListener("click", follow);
  sound(state, root);
  return state;
}

const bare = (event) => event.key.length === 1 && !event.ctrlKey && !event.altKey && !event.metaKey;

const shortcut = (event) => event.key.length === 1 && event.altKey && !event.ctrlKey && !event.metaKey;

function active() {
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
}

// Watches what comes into another field: a burst that ends with Enter is taken out of it again, and counts as a scan.
function burstOf(take, focus) {
  let seen = { field: null, text: "", before: "", since: 0, at: 0 };
  return (event, field) => {
    const now = event.timeStamp;
    if (bare(event)) {
      if (field !== seen.field || !seen.text || now - seen.at > PAUSE) seen = { field, text: "", before: field.value, since: now };
      seen.text += event.key;
      seen.at = now;
      return;
    }
    if (event.key !== "Enter" && event.key !== "Tab") {
      if (event.key !== "Shift") seen.text = "";
      return;
    }
    const { text, before, since } = seen;
    seen.text = "";
    if (field !== seen.field || text.length < SHORTEST || (now - since) / text.length > PACE || !CODE.test(text)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (typeof before === "string") rewrite(field, before);
    field.blur();
    take(text);
    focus();
  };
}

// Sets a field that the page's own code keeps watch over.
function rewrite(field, text) {
  const kind = field instanceof HTMLTextAreaElement ? HTMLTextAreaElement : HTMLInputElement;
  Object.getOwnPropertyDescriptor(kind.prototype, "value").set.call(field, text);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

// A link of the answer opens within the running app, so that the desk is as it was when one comes back.
function follow(event) {
  const link = event.target.closest("a[href^='/']");
  if (!link || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  history.pushState({}, "", link.getAttribute("href"));
  window.dispatchEvent(new PopStateEvent("popstate"));
}

function next(state, root) {
  if (!state.sent && state.queue.length) {
    if (state.queue[0].press) press(state, root);
    else {
      state.sent = state.queue.shift();
      deliver(state);
    }
  }
  root.dataset.busy = state.sent || state.queue.length ? "yes" : "";
}

// A shortcut that was held back is pressed once the whole page stands, its buttons too.
function press(state, root) {
  if (!root.isConnected) return;
  if (document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning") {
    const held = state.queue.shift().press;
    const target = active() || document.body;
    target.dispatchEvent(new KeyboardEvent("keydown", { ...held, altKey: true, bubbles: true, cancelable: true, composed: true }));
  }
  setTimeout(() => next(state, root), 30);
}

function deliver(state) {
  state.at = performance.now();
  state.send("scan", state.sent);
}

function sound(state, root) {
  const button = root.querySelector(".sound");
  const show = () => {
    button.setAttribute("aria-pressed", String(state.loud));
    button.textContent = state.loud ? "Sound on" : "Sound off";
  };
  try { state.loud = localStorage.getItem(SOUND) === "on"; } catch { state.loud = false; }
  button.addEventListener("click", () => {
    state.loud = !state.loud;
    try { localStorage.setItem(SOUND, state.loud ? "on" : "off"); } catch { /* a browser that keeps nothing */ }
    show();
    if (state.loud) tone("good");
    state.focus();
  });
  show();
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".scan");
  let state = kept.get(root);
  if (!state) { state = start(root); kept.set(root, state); setTimeout(state.focus, 50); }
  state.send = setTriggerValue;
  root.querySelector(".sound").hidden = data.quiet;
  root.querySelector("input").placeholder = data.hint;
  root.querySelector("label").textContent = data.label;
  const answer = root.querySelector(".answer");
  answer.className = `answer ${data.tone || ""}`;
  if (state.html !== data.html) answer.innerHTML = state.html = data.html || "";
  if (state.sent && data.answered === state.sent.seq) {
    state.sent = null;
    if (state.loud && data.html) tone(data.tone);
    setTimeout(state.focus, 30);
  }
  next(state, root);
  return () => state.stop();
}
