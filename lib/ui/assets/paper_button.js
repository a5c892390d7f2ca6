// A button that asks for a paper by POST, which other sites cannot, hands it to the browser as a file, and tells the page.
export default function ({ data, parentElement, setTriggerValue }) {
  const button = parentElement.querySelector("button");
  const says = parentElement.querySelector("[role=status]");
  button.textContent = data.label;
  button.onclick = async () => {
    if (button.disabled) return;
    button.disabled = true;
    says.textContent = "Printing …";
    try {
      const answer = await fetch(data.path, {
        method: "POST",
        credentials: "same-origin",
        headers: { "x-requested-with": "tome" },
      });
      if (answer.ok) {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(await answer.blob());
        link.download = data.filename;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 60000);
        says.textContent = "";
      } else {
        says.textContent = answer.status === 404 ? data.nothing : await answer.text();
      }
      setTriggerValue("printed", answer.ok);
    } catch {
      says.textContent = "The library did not answer. Please try again.";
    } finally {
      button.disabled = false;
    }
  };
}
