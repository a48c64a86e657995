// Does the work that the page asks for and sends the form; without this file one waits and presses the button.

const place = document.querySelector("[data-proof]");

const solve = () => {
  const form = place.closest("form");
  const worker = new Worker(place.dataset.worker);
  const say = (text) => {
    place.textContent = text;
    for (const wait of form.querySelectorAll("[data-wait]")) wait.hidden = text !== "";
  };
  const finish = (answer) => {
    say(answer && place.dataset.done);
    if (!answer) return;
    form.elements.altcha.value = answer;
    form.requestSubmit();
  };
  say(place.dataset.working);
  worker.addEventListener("error", () => finish(""));
  worker.addEventListener("message", ({ data }) => finish(data));
  worker.postMessage(JSON.parse(place.dataset.proof));
};

if (place && window.Worker && window.crypto.subtle) solve();
