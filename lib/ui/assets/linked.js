// Shows the library's own HTML. A plain click on a link within the library opens it without loading everything anew:
// the address goes into the browser's history, and Streamlit follows it as it follows the back button.
export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".linked");
  if (root.dataset.mark !== data.mark) {
    root.dataset.mark = data.mark;
    root.innerHTML = data.html;
    const wide = root.clientWidth >= 720;
    root.querySelectorAll("details[data-wide]").forEach((part) => (part.open = wide));
  }
  root.onclick = (event) => {
    const link = event.target.closest("a[href^='/']");
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || link.target || event.defaultPrevented) return;
    event.preventDefault();
    const to = new URL(link.href);
    const leaves = to.pathname !== location.pathname || to.searchParams.get("page") !== pageOf(location);
    history.pushState({}, "", to.pathname + to.search);
    window.dispatchEvent(new PopStateEvent("popstate"));
    if (leaves) root.getRootNode().host?.closest("[data-testid=stMain]")?.scrollTo(0, 0);
  };
}

const pageOf = (place) => new URLSearchParams(place.search).get("page");
