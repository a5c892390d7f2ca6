// Exchanges the one-time ticket for the cookie, or drops the cookie, and loads the page anew.
export default function ({ data, parentElement }) {
  if (window.tomeBusy) return;
  window.tomeBusy = true;
  const says = parentElement.querySelector("p");
  const to = new URL(data.next || "/", window.location.origin);
  const home = to.origin === window.location.origin ? to.href : "/";
  const entering = Boolean(data.ticket);
  says.textContent = entering ? "Signing you in …" : "Signing you out …";
  fetch(entering ? "/auth/session" : "/auth/sign-out", {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json", "x-requested-with": "tome" },
    body: JSON.stringify(entering ? { ticket: data.ticket } : {}),
  })
    .then((answer) => {
      if (!answer.ok) throw new Error(String(answer.status));
      window.location.replace(home);
    })
    .catch(() => {
      window.tomeBusy = false;
      says.textContent = "That did not work. Please load the page again and try once more.";
    });
}
