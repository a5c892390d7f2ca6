// Keeps the acts in this browser, beyond its end: IndexedDB, and localStorage where there is none.

const NAME = "tome-offline-desk";
const SHELF = "acts";

// This computer's own small choices.
export const memory = {
  get: (name) => { try { return localStorage.getItem(`tome-offline-${name}`) || ""; } catch { return ""; } },
  set: (name, value) => { try { localStorage.setItem(`tome-offline-${name}`, value); } catch { /* a browser that keeps nothing */ } },
};

export async function openStore() {
  try {
    return indexed(await opened());
  } catch {
    return plain();
  }
}

function opened() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(SHELF, { keyPath: "client_id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
    asked.onblocked = () => reject(new Error("blocked"));
  });
}

// Resolves only when the disk has it: what the desk says is kept, is kept.
function changing(database, change) {
  return new Promise((resolve, reject) => {
    const work = database.transaction(SHELF, "readwrite", { durability: "strict" });
    change(work.objectStore(SHELF));
    work.oncomplete = () => resolve();
    work.onabort = work.onerror = () => reject(work.error);
  });
}

function indexed(database) {
  return {
    all: () =>
      new Promise((resolve, reject) => {
        const asked = database.transaction(SHELF).objectStore(SHELF).getAll();
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error);
      }),
    put: (acts) => changing(database, (shelf) => acts.forEach((act) => shelf.put(act))),
    drop: (ids) => changing(database, (shelf) => ids.forEach((id) => shelf.delete(id))),
  };
}

function plain() {
  const read = () => JSON.parse(localStorage.getItem(NAME) || "{}");
  const write = (kept) => localStorage.setItem(NAME, JSON.stringify(kept));
  return {
    all: async () => Object.values(read()),
    put: async (acts) => write({ ...read(), ...Object.fromEntries(acts.map((act) => [act.client_id, act])) }),
    drop: async (ids) => write(Object.fromEntries(Object.entries(read()).filter(([id]) => !ids.includes(id)))),
  };
}
