// On a telephone, closes the menu when a link in it was followed; Streamlit does so for its own menu only.
export default function ({ data }) {
  const before = window.tomePage;
  window.tomePage = data.page;
  if (before === undefined || before === data.page || window.innerWidth > 768) return;
  document.querySelector('[data-testid="stSidebarCollapseButton"] button[aria-expanded="true"]')?.click();
}
