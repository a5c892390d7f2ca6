// The offline desk itself: one input, three modes, a list of what is kept, and sending it when the server is back.

import { readScan } from "./codes.js";
import { addFrom, asFile, fileName } from "./files.js";
import { keepPage } from "./keeping.js";
import { maySend, sendAll, serverThere } from "./send.js";
import { BECAME, WAITING, isSent, row, summary } from "./rows.js";
import { memory, openStore } from "./store.js";
import { tone } from "./tone.js";
import { count, local, newId } from "./words.js";

const SHOWN = 200;
const ECHO = 250; // ms in which a bare Enter after a code is the scanner's line feed
const LOOK = 10_000; // ms between looks for the server
const FORGET = 24 * 3600 * 1000; // ms after which what was sent leaves this computer
const at = (id) => document.getElementById(id);
const state = { lending: false, card: "", asCard: false, acts: new Map(), there: null, may: null, sending: null, last: 0, loud: false, halted: "" };
let store;

// --- scanning ---

const mode = () => (state.card ? "issue" : state.lending ? "ask" : "return");

const MODES = {
  return: ["Taking back", "Scan copies to take them back, or a member’s card to lend."],
  ask: ["Lending: whose card?", "Scan the member’s card first, then the copies."],
  issue: ["Lending to card ", "Scan the copies. Esc ends this reader’s turn."],
};

function showMode() {
  const [heading, more] = MODES[mode()];
  at("scan").dataset.mode = mode();
  at("mode").textContent = heading + state.card;
  at("mode-more").textContent = more;
  at("switch-to").textContent = mode() === "return" ? "Lend instead" : "Take back instead";
  at("as-card").setAttribute("aria-pressed", String(state.asCard));
}

function say(text, kind) {
  const answer = at("answer");
  answer.textContent = "";
  answer.className = `answer ${kind}`;
  requestAnimationFrame(() => { answer.textContent = text; }); // the same words twice are still two messages
  if (state.loud) tone(kind);
}

async function scanned(text) {
  const scan = readScan(text, state.asCard);
  state.asCard = false;
  if (scan.kind === "wrong") return say(scan.why, "bad");
  if (scan.kind === "card") {
    state.card = scan.code;
    return say(`Card ${scan.code}. Now scan the copies.`, "good");
  }
  if (mode() === "ask") return say("Whose is it? Scan the member’s card first, or press F2 to take copies back.", "bad");
  await keep(mode() === "issue" ? "issue" : "return", scan.code);
}

async function keep(kind, barcode) {
  const last = newest().find((act) => act.barcode === barcode && WAITING.includes(act.state));
  const card = kind === "issue" ? state.card : "";
  if (last && last.kind === kind && last.card === card) return say(`${barcode} is kept already.`, "bad");
  const now = new Date();
  const act = { client_id: newId(), kind, barcode, card, recorded_at: local(now), device: memory.get("device"), state: "kept", told: "", at: now.getTime() };
  try {
    await store.put([act]);
  } catch {
    return say(`${barcode} could not be kept: this browser’s store is full or broken. Write it on paper.`, "bad");
  }
  state.acts.set(act.client_id, act);
  say(kind === "issue" ? `${barcode} lent to card ${card}.` : `${barcode} taken back.`, "good");
  showActs();
}

function nextReader() {
  state.card = "";
  state.asCard = false;
  at("code").value = "";
  say("", "");
  showMode();
}

function switchMode() {
  state.lending = mode() === "return";
  nextReader();
}

function takeAsCard() {
  state.asCard = !state.asCard;
  showMode();
  at("code").focus();
}

let queue = Promise.resolve(); // a fast scanner's codes, one after the other
function submitted(event) {
  event.preventDefault();
  const code = at("code").value.trim();
  at("code").value = "";
  if (!code) {
    if (performance.now() - state.last > ECHO && state.card) nextReader();
    return;
  }
  state.last = performance.now();
  queue = queue.then(() => scanned(code)).then(showMode);
}

// --- the list ---

const newest = () => [...state.acts.values()].sort((a, b) => b.at - a.at);
const waiting = () => [...state.acts.values()].filter((act) => WAITING.includes(act.state));

function showActs() {
  const acts = newest();
  const removable = state.sending ? null : (act) => remove([act], `${act.barcode} was removed from the list.`);
  at("none").hidden = acts.length > 0;
  at("table").hidden = !acts.length;
  at("rows").replaceChildren(...acts.slice(0, SHOWN).map((act) => row(act, removable)));
  at("more").hidden = acts.length <= SHOWN;
  at("more").textContent = `And ${acts.length - SHOWN} older ones. They are all in the file and are all sent.`;
  at("clear").hidden = !acts.some(isSent);
  showState();
}

async function remove(acts, said) {
  await store.drop(acts.map((act) => act.client_id));
  acts.forEach((act) => state.acts.delete(act.client_id));
  say(said, "good");
  showActs();
  at("code").focus();
}

// --- the server ---

function showState() {
  const left = waiting().length;
  const open = [...state.acts.values()].filter((act) => act.state === "conflict" || act.state === "overridden").length;
  const kept = left === 1 ? "1 act kept on this computer" : `${left} acts kept on this computer`;
  const server = at("server");
  server.dataset.there = String(state.there);
  server.textContent = state.there === null ? "Looking for the server…" : state.there ? "The server is there" : "The server is away";
  if (state.sending) at("state").textContent = `Sending: ${state.sending.done} of ${state.sending.total}`;
  else if (!state.there) at("state").textContent = left ? `Working offline: ${kept}` : "Working offline: nothing kept yet";
  else if (left) at("state").textContent = `Server is back: send them (${kept})`;
  else at("state").textContent = state.acts.size ? "Everything is sent" : "Nothing is kept here";
  at("state-more").textContent = state.sending ? "" : state.halted || advice(left, open);
  at("send").hidden = !state.there || !left || Boolean(state.sending);
  at("send").disabled = state.may === false;
  at("sign-in").hidden = !(state.there && left && state.may === false);
  at("tasks").hidden = !(state.there && open);
  at("progress").hidden = !state.sending;
  if (state.sending) Object.assign(at("progress"), { max: state.sending.total, value: state.sending.done });
}

function advice(left, open) {
  if (!state.there) return left ? "They stay here, also when this window is closed, until they are sent." : "Scan as usual: what you do is kept here with its time.";
  if (left && state.may === false) return "Sign in as a librarian first, then come back to this window and send.";
  if (left) return "They go through the rules with the times at which you scanned them.";
  if (open) return `${count(open, "act needs", "acts need")} a librarian’s attention.`;
  return "The server answers: lend and take back at the desk itself. This page is for when it does not.";
}

async function look() {
  if (state.sending) return;
  const there = await serverThere();
  const came = there && state.there !== true;
  state.there = there;
  if (!there) state.may = null;
  if (came) await askWho();
  showState();
}

async function askWho() {
  state.may = state.there ? await maySend() : null;
  showState();
}

async function send() {
  const acts = waiting();
  if (!acts.length || state.sending) return;
  state.sending = { done: 0, total: acts.length };
  state.halted = "";
  showActs();
  try {
    await alone(() => sendAll(acts, answered));
  } catch (fault) {
    state.halted = fault.message;
  }
  const { done, total } = state.sending;
  state.sending = null;
  showActs();
  const states = acts.map((act) => state.acts.get(act.client_id)?.state);
  if (done) say(summary(states), states.every((one) => one === "done") ? "good" : "ask");
  else if (total) say(state.halted, "bad");
  await look();
  await askWho();
  at("code").focus();
}

// Two windows of one browser do not send at once.
function alone(act) {
  return navigator.locks ? navigator.locks.request("tome-offline-send", act) : act();
}

async function answered(act, answer) {
  const kept = { ...act, state: known(answer.state), told: answer.told, settled: Date.now() };
  if (answer.state !== "unsent" && act.card) kept.card = `…${act.card.slice(-4)}`; // the server knows the rest
  if (kept.state !== "done") kept.told = [answer.told, ...answer.reasons.map((reason) => reason.way_out)].filter(Boolean).join(" ");
  await store.put([kept]);
  state.acts.set(act.client_id, kept);
  state.sending.done += 1;
  showActs();
}

// A task that was settled since has nothing left to do.
const known = (told) => (told in BECAME && told !== "kept" ? told : "done");

// --- this computer ---

async function readFile() {
  const [file] = at("file").files;
  at("file").value = "";
  if (!file) return;
  const found = await addFrom(file, state.acts);
  if (found.fault) return say(found.fault, "bad");
  if (found.added.length) await store.put(found.added);
  found.added.forEach((act) => state.acts.set(act.client_id, act));
  const more = found.bad ? `; ${count(found.bad, "line is", "lines are")} damaged and left out` : "";
  say(`${count(found.added.length, "act", "acts")} read, ${found.known} known already${more}.`, found.bad ? "bad" : "good");
  showActs();
}

function saveFile() {
  const link = document.createElement("a");
  const url = URL.createObjectURL(asFile(newest().reverse(), memory.get("device")));
  Object.assign(link, { href: url, download: fileName(new Date()) });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

function showSound() {
  at("sound").setAttribute("aria-pressed", String(state.loud));
  at("sound").textContent = state.loud ? "Sound on" : "Sound off";
}

async function load() {
  const kept = await store.all();
  const old = kept.filter((act) => isSent(act) && Date.now() - act.settled > FORGET);
  if (old.length) await store.drop(old.map((act) => act.client_id));
  state.acts = new Map(kept.filter((act) => !old.includes(act)).map((act) => [act.client_id, act]));
  showActs();
}

const KEYS = { F2: switchMode, F4: takeAsCard, Escape: nextReader };

function listen() {
  at("form").addEventListener("submit", submitted);
  const clicks = { switch: switchMode, next: nextReader, "as-card": takeAsCard, send, print: () => window.print(), export: saveFile, import: () => at("file").click() };
  for (const [id, act] of Object.entries(clicks)) at(id).addEventListener("click", () => { act(); if (id !== "import" && id !== "print") at("code").focus(); });
  at("file").addEventListener("change", readFile);
  at("clear").addEventListener("click", () => remove([...state.acts.values()].filter(isSent), "What was sent was cleared from this computer."));
  at("sound").addEventListener("click", () => { state.loud = !state.loud; memory.set("sound", state.loud ? "on" : ""); showSound(); if (state.loud) tone("good"); });
  at("device").addEventListener("change", () => memory.set("device", at("device").value.trim()));
  document.addEventListener("keydown", (event) => {
    const act = !event.ctrlKey && !event.altKey && !event.metaKey && KEYS[event.key];
    if (act) { event.preventDefault(); act(); at("code").focus(); }
  });
  window.addEventListener("online", look);
  window.addEventListener("offline", look);
  document.addEventListener("visibilitychange", async () => {
    if (document.visibilityState !== "visible" || state.sending) return;
    await load(); // another window may have sent some
    await look();
    if (state.may !== true) await askWho();
  });
  window.addEventListener("focus", () => { if (state.there && state.may === false) askWho(); });
  setInterval(() => { if (document.visibilityState === "visible") look(); }, LOOK);
}

async function start() {
  state.loud = memory.get("sound") === "on";
  at("device").value = memory.get("device");
  store = await openStore();
  await load();
  listen();
  showMode();
  showSound();
  at("code").focus();
  document.documentElement.dataset.ready = "yes";
  await Promise.all([look(), keepPage().then((words) => { at("kept").textContent = words; })]);
}

start();
