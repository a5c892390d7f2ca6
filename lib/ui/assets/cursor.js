// Puts the cursor into one field of the page when the page opens, so that what is scanned or typed is not lost. A
// finger does not want a keyboard that springs up, and who writes elsewhere already is left alone.
const WRITTEN_IN = "input:not([type=button], [type=checkbox], [type=radio], [type=submit]), textarea, select, [contenteditable=true]";

export default function ({ data }) {
  if (window.tomeCursor === data.mark || matchMedia("(pointer: coarse)").matches) return;
  let tries = 0;
  const timer = setInterval(() => {
    const field = document.querySelector(`[data-testid=stMain] input[aria-label="${data.label}"]`);
    const busy = document.activeElement?.matches(WRITTEN_IN);
    if (field && !field.disabled && !busy) field.focus({ preventScroll: true });
    if (field || busy || ++tries > 40) clearInterval(timer);
    if (field) window.tomeCursor = data.mark;
  }, 50);
  return () => clearInterval(timer);
}
