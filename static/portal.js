// Enhancement only: every page and form works without this file.

for (const heading of document.querySelectorAll("[data-focus-on-load]")) heading.focus();

for (const counter of document.querySelectorAll("[data-counter-for]")) {
  const area = document.getElementById(counter.dataset.counterFor);
  const limit = document.createElement("span");
  const spoken = document.createElement("span");
  const shown = document.createElement("span");
  let timer;
  const sentence = () => {
    const left = Math.max(0, area.maxLength - area.value.length);
    return (left === 1 ? counter.dataset.one : counter.dataset.many).replace("#", left);
  };
  // What the field is described by stays the sentence that stood there: its limit.
  limit.className = "visually-hidden";
  limit.textContent = counter.textContent;
  spoken.className = "visually-hidden";
  spoken.setAttribute("aria-live", "polite");
  shown.setAttribute("aria-hidden", "true");
  shown.textContent = sentence();
  counter.replaceChildren(limit, shown);
  counter.after(spoken);
  area.addEventListener("input", () => {
    shown.textContent = sentence();
    clearTimeout(timer);
    timer = setTimeout(() => { spoken.textContent = sentence(); }, 1200);
  });
}

// A second press while the first is under way does nothing; the button stays focusable and readable.
// A form that downloads something stays on its page and carries data-resubmit.
const buttonsOf = (form) => [...form.elements].filter((control) => control.type === "submit");

document.addEventListener("submit", (event) => {
  const form = event.target;
  if ("resubmit" in form.dataset || form.method !== "post") return;
  if ("sending" in form.dataset) {
    event.preventDefault();
    return;
  }
  if (event.defaultPrevented) return;
  form.dataset.sending = "";
  for (const button of buttonsOf(form)) button.setAttribute("aria-disabled", "true");
});

addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sending]")) {
    delete form.dataset.sending;
    for (const button of buttonsOf(form)) button.removeAttribute("aria-disabled");
  }
});

// The menu of a small screen is wider than it; browsers leave what is partly in sight where it is.
for (const menu of document.querySelectorAll(".staff-nav")) {
  menu.addEventListener("focusin", ({ target }) => target.scrollIntoView({ block: "nearest", inline: "nearest" }));
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.setAttribute("aria-live", "polite");
    button.textContent = button.dataset.copied;
  });
}

// A key that did not go along is said on the page, where it can be read, and not in the console.
document.addEventListener("allauth.error", (event) => {
  const fault = document.querySelector("[data-key-fault]");
  if (!fault) return;
  event.preventDefault();
  fault.hidden = false;
  fault.focus();
});
