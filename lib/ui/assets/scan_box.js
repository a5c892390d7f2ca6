// The desk's one input. Keeps the focus, sends on Enter, and holds back what a fast scanner sends meanwhile:
// one code is under way at a time, the next goes out when the page has answered the last.
const kept = new WeakMap();

function start(root) {
  const state = { queue: [], sent: null, count: 0, mark: Date.now().toString(36), send: null };
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
    input.value = "";
    state.queue.push({ seq: `${state.mark}-${++state.count}`, code });
    next(state, root);
  });
  const timer = setInterval(() => { if (document.hasFocus() && document.activeElement === document.body) focus(); }, 400);
  state.focus = focus;
  state.stop = () => clearInterval(timer);
  return state;
}

function next(state, root) {
  root.dataset.busy = state.sent ? "yes" : "";
  if (state.sent || !state.queue.length) return;
  state.sent = state.queue.shift();
  root.dataset.busy = "yes";
  state.send("scan", state.sent);
}

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".scan");
  let state = kept.get(root);
  if (!state) { state = start(root); kept.set(root, state); setTimeout(state.focus, 50); }
  state.send = setTriggerValue;
  const input = root.querySelector("input");
  input.placeholder = data.hint;
  root.querySelector("span").textContent = data.label;
  if (state.sent && data.answered === state.sent.seq) { state.sent = null; setTimeout(state.focus, 30); }
  next(state, root);
  return () => state.stop();
}
