// Talks to the server: whether it is there, who is signed in, and sending what was kept.

const PATIENCE = 20_000; // ms for a batch
const PROOF = { "x-requested-with": "tome" };
export const BATCH = 50;

function within(ms) {
  return { cache: "no-store", credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(ms) };
}

export async function serverThere() {
  try {
    const answer = await fetch("/healthz", within(5000));
    return answer.ok && (await answer.json()).ok === true;
  } catch {
    return false;
  }
}

// Whether somebody is signed in who may send: true, false, or null where nobody answers.
export async function maySend() {
  try {
    const answer = await fetch("/offline-desk/who", within(5000));
    return answer.ok ? (await answer.json()).may_send === true : null;
  } catch {
    return null;
  }
}

export class Halt extends Error {} // nothing more can be sent now; the words say why

// Sends acts in the order of their times; `told(act, answer)` hears of each. Where the server cannot take a batch, its
// halves are tried, so that one bad act never holds up the others.
export async function sendAll(acts, told) {
  const inOrder = [...acts].sort((a, b) => Date.parse(a.recorded_at) - Date.parse(b.recorded_at));
  for (let from = 0; from < inOrder.length; from += BATCH) await sendSome(inOrder.slice(from, from + BATCH), told);
}

async function sendSome(acts, told) {
  const answer = await post(acts);
  if (answer.status === 200) {
    const found = new Map((await answer.json()).outcomes.map((one) => [one.client_id, one]));
    for (const act of acts) if (found.has(act.client_id)) await told(act, found.get(act.client_id));
    return;
  }
  if (answer.status === 401 || answer.status === 403) throw new Halt("Sign in as a librarian first, then send.");
  if (answer.status === 429 || answer.status === 502 || answer.status === 503 || answer.status === 504) {
    throw new Halt("The server is busy. Nothing is lost; send again in a minute.");
  }
  if (acts.length > 1) {
    const half = Math.ceil(acts.length / 2);
    await sendSome(acts.slice(0, half), told);
    await sendSome(acts.slice(half), told);
    return;
  }
  await told(acts[0], { state: "unsent", told: await words(answer), reasons: [] });
}

async function post(acts) {
  const plain = acts.map(({ client_id, kind, barcode, card, recorded_at, device }) => ({ client_id, kind, barcode, card, recorded_at, device }));
  try {
    return await fetch("/offline-desk/acts", {
      ...within(PATIENCE), method: "POST", headers: { ...PROOF, "content-type": "application/json" }, body: JSON.stringify({ acts: plain }),
    });
  } catch {
    throw new Halt("The server went away again. What it had not answered is still kept here.");
  }
}

async function words(answer) {
  try {
    const found = await answer.json();
    const faults = (found.faults || []).map((fault) => fault.text).join(" ");
    return `The server could not take it: ${faults || found.detail} Do it at the desk. (${found.incident})`;
  } catch {
    return `The server could not take it (${answer.status}). Do it at the desk.`;
  }
}
