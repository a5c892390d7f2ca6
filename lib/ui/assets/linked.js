// Shows the library's own HTML; a plain click on a link within the library opens it without loading the page anew.
export default function ({ data, parentElement, setTriggerValue }) {
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
    if (!link || !plain || link.target) return;
    event.preventDefault();
    link.setAttribute("aria-busy", "true");
    setTriggerValue("opened", link.getAttribute("href"));
  };
}
