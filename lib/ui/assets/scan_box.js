// The desk's one input. Keeps the focus, sends on Enter, and holds back what a fast scanner sends meanwhile:
// one code is under way at a time, the next goes out when the page has answered the last.
const kept = new WeakMap();
const PATIENCE = 8000; // ms until an unanswered code is sent again; its number makes the second one harmless
const ECHO = 250; // ms in which a bare Enter after a code is the scanner's line feed, not somebody's wish
const SOUND = "tome-desk-sound";

function start(root) {
  const state = { queue: [], sent: null, count: 0, mark: Date.now().toString(36) + Math.random().toString(36).slice(2, 8), send: null, last: 0 };
  const input = root.querySelector("input");
  const typing = (element) => {
    const focused = element && element.shadowRoot ? element.shadowRoot.activeElement : element;
    return focused && focused !== input && focused.matches("input, textarea, select, [contenteditable=true], [role=combobox]");
  };
  const focus = () => {
    if (!typing(document.activeElement) && !document.querySelector("[role=dialog]")) input.focus({ preventScroll: true });
  };
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; event.preventDefault(); }
    if (event.key !== "Enter" && event.key !== "Tab") return;
    if (event.key === "Tab" && !input.value) return;
    event.preventDefault();
    const code = input.value.trim();
    const now = performance.now();
    if (!code && now - state.last < ECHO) return;
    state.last = now;
    input.value = "";
    state.queue.push({ seq: `${state.mark}-${++state.count}`, code });
    next(state, root);
  });
  const timer = setInterval(() => {
    if (document.hasFocus() && document.activeElement === document.body) focus();
    if (state.sent && performance.now() - state.at > PATIENCE) deliver(state);
  }, 400);
  state.focus = focus;
  state.stop = () => clearInterval(timer);
  sound(state, root);
  return state;
}

function next(state, root) {
  if (!state.sent && state.queue.length) {
    state.sent = state.queue.shift();
    deliver(state);
  }
  root.dataset.busy = state.sent ? "yes" : "";
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

let speaker = null;
function tone(kind) {
  speaker ??= new AudioContext();
  const [pitch, length] = kind === "good" ? [1320, 0.09] : [220, 0.32];
  const wave = speaker.createOscillator();
  const loudness = speaker.createGain();
  wave.frequency.value = pitch;
  loudness.gain.setValueAtTime(0.12, speaker.currentTime);
  loudness.gain.exponentialRampToValueAtTime(0.001, speaker.currentTime + length);
  wave.connect(loudness).connect(speaker.destination);
  wave.start();
  wave.stop(speaker.currentTime + length);
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
