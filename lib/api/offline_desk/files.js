// The acts as a file, for a computer that is about to break; and reading one on another computer.

const FORMAT = "tome-offline-desk";
const LARGEST = 5_000_000; // bytes
const MOST = 20_000; // acts
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STATES = ["kept", "unsent", "done", "overridden", "conflict"];

export function asFile(acts, device) {
  const found = { format: FORMAT, version: 1, device, saved_at: new Date().toISOString(), acts };
  return new Blob([JSON.stringify(found, null, 2)], { type: "application/json" });
}

export function fileName(now) {
  return `offline-desk-${now.toISOString().slice(0, 16).replace(/[:T]/g, "-")}.json`;
}

// { added, known, bad } or { fault }: what is new in a file; what is damaged is counted and left out.
export async function addFrom(file, acts) {
  if (file.size > LARGEST) return { fault: "This file is too large to be one of an offline desk." };
  let found;
  try {
    found = JSON.parse(await file.text());
  } catch {
    return { fault: "This file is not one of an offline desk, or it is damaged." };
  }
  if (!found || found.format !== FORMAT || found.version !== 1 || !Array.isArray(found.acts) || found.acts.length > MOST) {
    return { fault: "This file is not one of an offline desk." };
  }
  const good = found.acts.filter(sound).map(plain);
  const added = new Map(good.filter((act) => !acts.has(act.client_id)).map((act) => [act.client_id, act]));
  return { added: [...added.values()], known: good.length - added.size, bad: found.acts.length - good.length };
}

function sound(act) {
  if (!act || typeof act !== "object") return false;
  const text = (name, most, least = 0) => typeof act[name] === "string" && act[name].length >= least && act[name].length <= most;
  return (
    text("client_id", 36) && ID.test(act.client_id) && text("barcode", 40, 1) && text("card", 40) && text("device", 60) && text("told", 2000) &&
    ["issue", "return"].includes(act.kind) && (act.kind === "return" || act.card !== "") && STATES.includes(act.state) &&
    text("recorded_at", 40, 20) && Number.isFinite(Date.parse(act.recorded_at)) && /(Z|[+-]\d\d:\d\d)$/.test(act.recorded_at)
  );
}

function plain({ client_id, kind, barcode, card, recorded_at, device, state, told }) {
  return { client_id, kind, barcode, card, recorded_at, device, state, told, at: Date.parse(recorded_at), settled: Date.now() };
}
