// Has the browser keep the page itself, so that it opens without the server; returns how that went, in words.

const STAYS = "leave this window open. What you scan is kept all the same.";

export async function keepPage() {
  if (!("serviceWorker" in navigator)) return `This browser does not keep the page itself (it needs https): ${STAYS}`;
  try {
    await navigator.serviceWorker.register("/offline-desk/worker.js", { scope: "/offline-desk", updateViaCache: "none" });
    await navigator.serviceWorker.ready;
    await navigator.storage?.persist?.();
    return "This page is kept on this computer and opens without the server. Put it among your bookmarks.";
  } catch {
    return `This page could not be kept on this computer: ${STAYS}`;
  }
}
