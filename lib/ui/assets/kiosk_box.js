// The whole of a kiosk's screen: one input for a scanner, a pad for the PIN, and a clock that signs the reader out.
// A card's number and its PIN leave this screen together, in one message, and are kept nowhere.
const kept = new WeakMap();
const PATIENCE = 9000; // ms until an unanswered act is sent again; its number makes the second one harmless
const ECHO = 250; // ms in which a bare Enter after a code is the scanner's line feed
const PIN_IDLE = 30; // seconds
const ANSWER_STAYS = 15; // seconds that an answer stands on the first screen
const PARTING_STAYS = 8; // seconds that what a reader did stands there after them
const LEAVING = ["leave", "walked-away"];
const SILENCE = 4000; // ms without an answer, after which the screen says that it waits
const BACK = {
  at_once: "Scan each book. No card is needed.",
  drop: "Scan each book, then put it into the book drop. No card is needed.",
  off: "Please bring your books to the desk.",
};
const ASK_BACK = { off: "Scan what you want to keep longer", drop: "Scan what you bring back", at_once: "Scan what you bring back" };
const TELL_AGAIN = 12000; // ms after which a touch is told to the library, so that it too knows somebody is there

function start(root) {
  const state = { queue: [], sent: null, count: 0, mark: Date.now().toString(36) + Math.random().toString(36).slice(2, 8), last: 0, card: "", words: false, typing: false, told: 0, data: {} };
  const input = root.querySelector("input");
  const at = (name) => root.querySelector(name);
  state.send = () => {};

  const act = (kind, more = {}) => {
    state.queue.push({ seq: `${state.mark}-${++state.count}`, kind, ...more });
    state.told = performance.now();
    next();
  };
  const next = () => {
    if (!state.sent && state.queue.length) { state.sent = state.queue.shift(); state.since = performance.now(); deliver(); }
    root.dataset.busy = state.sent ? "yes" : "";
  };
  const deliver = () => { state.at = performance.now(); state.send("act", state.sent); };
  const focus = () => { if (document.activeElement !== input) input.focus({ preventScroll: true }); };

  const enter = () => {
    const text = input.value.trim();
    const now = performance.now();
    if (!text && now - state.last < ECHO) return;
    state.last = now;
    input.value = "";
    if (!text) return;
    if (state.step === "visit") { state.card = text; act("scan", { code: text }); }
    else if (state.step === "pin" && !(/^\d{9,}$/.test(text) && !state.words)) act("come", { code: state.card, secret: text });
    else { state.card = text; act("first", { code: text }); }
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; event.preventDefault(); }
    if (event.key === "Enter" || (event.key === "Tab" && input.value)) { event.preventDefault(); enter(); }
  });
  const rest = () => { state.until = performance.now() + state.idle * 1000; };
  const awake = () => {
    if (state.step === "card" && state.drawn) return; // what stands there goes by itself
    rest();
    if (state.step === "visit" && performance.now() - state.told > TELL_AGAIN) act("stay");
  };
  for (const kind of ["pointerdown", "keydown"]) root.ownerDocument.addEventListener(kind, awake, { passive: true });

  const button = (label, look, does) => {
    const made = document.createElement("button");
    made.type = "button";
    made.className = look;
    made.textContent = label;
    made.addEventListener("pointerdown", (event) => event.preventDefault()); // the input keeps the focus
    made.addEventListener("click", () => { awake(); does(); focus(); });
    return made;
  };
  at(".go").replaceWith(button("OK", "go", enter));
  for (const key of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "Clear", "0", "OK"]) {
    const press = key === "OK" ? enter : key === "Clear" ? () => { input.value = ""; } : () => { if (input.value.length < 8) input.value += key; };
    const made = button(key === "Clear" ? "⌫" : key, key === "OK" ? "main" : "", press);
    if (key === "Clear") made.setAttribute("aria-label", "Clear");
    at(".pad").append(made);
  }

  const forget = () => { state.card = ""; state.words = false; state.typing = false; input.value = ""; };
  // Nothing of the reader stays on the screen from this moment on, whether or not the library can be reached.
  const blank = () => {
    forget();
    state.queue = [];
    state.html = "";
    for (const name of [".answer", ".who", ".facts", ".done", ".choices"]) at(name).replaceChildren();
    at(".answer").className = "answer";
    Object.assign(state, { step: "card", data: { returns: state.data.returns }, idle: 0 });
    state.dress();
  };
  const leave = (kind = "leave") => { blank(); act(kind); };
  root.ownerDocument.defaultView.addEventListener("pagehide", blank);

  state.dress = () => {
    const { data } = state;
    const pin = state.step === "pin";
    root.dataset.step = state.step;
    root.dataset.secret = pin ? "yes" : "";
    root.dataset.pad = pin && !state.words ? "yes" : "";
    at(".ask").textContent = { card: "Scan your library card", pin: state.words ? "Your password" : "Your PIN", visit: data.lends === false ? ASK_BACK[data.returns] : "Scan what you borrow" }[state.step];
    at(".how").textContent = BACK[data.returns] || "";
    input.placeholder = { card: data.returns === "off" ? "" : "… or a book that you bring back", pin: state.words ? "" : "4 to 8 digits", visit: "one after the other" }[state.step];
    input.inputMode = pin ? (state.words ? "text" : "none") : state.typing ? "numeric" : "none";
    at(".go").hidden = pin && !state.words;
    const feet = [];
    if (state.step === "visit") {
      feet.push(button("Done", (data.choices || []).length ? "" : "main", () => leave()));
      if (data.renewable) feet.push(button("Renew everything", "", () => act("renew-all")));
    }
    if (pin) feet.push(button("Cancel", "", () => leave()), button(state.words ? "Use my PIN" : "Use my password", "quiet", () => { state.words = !state.words; input.value = ""; state.dress(); }));
    if (!pin) feet.push(button(state.typing ? "Hide the keyboard" : "Type the number", "quiet", () => { state.typing = !state.typing; state.dress(); input.blur(); }));
    at(".feet").replaceChildren(...feet);
  };
  state.draw = (data) => {
    const fresh = state.sent && data.answered === state.sent.seq;
    if (fresh) state.sent = null;
    if (data.step !== "card" && [state.sent, ...state.queue].some((one) => one && LEAVING.includes(one.kind))) return next(); // it has not heard yet that they left
    if (data.step !== state.step || !state.drawn) {
      if (data.step === "card") forget();
      state.step = data.step;
      state.words = false;
      input.value = "";
    }
    state.data = data;
    const answer = at(".answer");
    answer.className = `answer ${data.tone || ""}`;
    if (state.html !== data.html) answer.innerHTML = state.html = data.html || "";
    if (fresh && data.html) tone(data.tone);
    at(".who").textContent = data.who || "";
    at(".facts").innerHTML = data.facts || "";
    at(".done").innerHTML = data.done || "";
    at(".choices").replaceChildren(...(data.choices || []).map((one) => button(one.label, one.main ? "main" : "", () => act(one.kind, { code: one.code }))));
    state.dress();
    if (fresh || !state.drawn) {
      state.idle = data.step === "visit" ? data.idle : data.step === "pin" ? PIN_IDLE : data.html ? (data.parting ? PARTING_STAYS : ANSWER_STAYS) : 0;
      rest();
      setTimeout(focus, 30);
    }
    state.drawn = true;
    tick();
    next();
  };
  const tick = () => {
    const clock = at(".clock");
    const runs = state.idle > 0 && state.step !== "card";
    clock.style.visibility = runs ? "visible" : "hidden";
    const left = Math.max(0, Math.ceil((state.until - performance.now()) / 1000));
    if (runs) {
      at(".left").textContent = state.step === "pin" ? `Starting over in ${left} s` : `Signing out in ${left} s`;
      at(".bar i").style.width = `${Math.min(100, (100 * left) / state.idle)}%`;
      clock.dataset.soon = left <= 10 ? "yes" : "";
    }
    if (state.idle > 0 && left === 0) { state.idle = 0; leave("walked-away"); }
  };
  const timer = setInterval(() => {
    tick();
    if (document.hasFocus() && (document.activeElement === document.body || !document.activeElement)) focus();
    if (state.sent && performance.now() - state.at > PATIENCE) deliver();
    const waits = state.sent && performance.now() - state.since > SILENCE ? "The library does not answer just now. This screen waits for it; nothing is lost." : "";
    if (at(".waits").textContent !== waits) at(".waits").textContent = waits;
  }, 500);
  state.stop = () => {
    clearInterval(timer);
    for (const kind of ["pointerdown", "keydown"]) root.ownerDocument.removeEventListener(kind, awake);
    root.ownerDocument.defaultView.removeEventListener("pagehide", blank);
  };
  return state;
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".kiosk");
  let state = kept.get(root);
  if (!state) { state = start(root); kept.set(root, state); }
  state.send = setTriggerValue;
  state.draw(data);
  return () => state.stop();
}
