// The lines of the list: what was done when, with which copy and card, and what came of it.

import { count, dayAndTime, isToday, localTime } from "./words.js";

export const BECAME = { kept: "Kept here", unsent: "Not sent", done: "Done", overridden: "Done, to be looked at", conflict: "Needs attention" };
export const WAITING = ["kept", "unsent"];
export const isSent = (act) => !WAITING.includes(act.state);

// A line; its button, which calls `remove(act)`, is there as long as the act is not sent.
export function row(act, remove) {
  const line = document.createElement("tr");
  line.className = act.state;
  line.append(
    cell(isToday(act.at) ? localTime(act.at) : dayAndTime(act.at), "Time"),
    cell(act.kind === "issue" ? "Lent" : "Taken back", "Act"), cell(act.barcode, "Copy", "code"),
    cell(act.card || "–", "Card", act.card ? "code" : "code none"), became(act), remover(act, remove)
  );
  return line;
}

function cell(text, name, kind = "") {
  const made = document.createElement("td");
  made.dataset.name = name;
  made.className = kind;
  made.textContent = text;
  return made;
}

function became(act) {
  const made = cell("", "What came of it");
  const strong = document.createElement("strong");
  strong.textContent = BECAME[act.state];
  made.append(strong, act.told ? ` ${act.told}` : "");
  return made;
}

function remover(act, remove) {
  const made = cell("", "", "screen");
  if (!WAITING.includes(act.state) || !remove) return made;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "Remove";
  button.setAttribute("aria-label", `Remove: ${act.kind === "issue" ? "lent" : "taken back"} ${act.barcode}, ${localTime(act.at)}`);
  button.addEventListener("click", () => remove(act));
  made.append(button);
  return made;
}

// What became of a batch, by the states of its acts.
export function summary(states) {
  const done = states.filter((one) => one === "done").length;
  const unsent = states.filter((one) => WAITING.includes(one)).length;
  const left = states.length - done - unsent;
  const parts = [`${done} done`, left ? `${count(left, "needs", "need")} attention` : "", unsent ? `${unsent} not sent` : ""];
  return `Sent: ${parts.filter(Boolean).join(", ")}.`;
}
