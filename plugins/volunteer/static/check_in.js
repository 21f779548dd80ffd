// Checking in without leaving the page, so that the outcome can be heard and felt at once.
// Without this module the form is sent as forms are, and the outcome is read.

import { signal, wake } from "./signals.js";

const OFFLINE = "没有网络，还没有记下。请再按一次，或者请工作人员登记。";

function tell() {
  const outcome = document.querySelector("[data-outcome]");
  if (!outcome) return;
  signal(outcome.dataset.outcome);
  outcome.focus();
}

async function send(form) {
  const button = form.querySelector("button");
  const fault = form.querySelector("[data-fault]");
  button.disabled = true;
  fault.textContent = "";
  try {
    const answer = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { accept: "text/html" },
    });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceWith(document.adoptNode(page.querySelector("main")));
    document.title = page.title;
    history.replaceState(null, "", answer.url);
    listen();
    tell();
  } catch {
    fault.textContent = OFFLINE; // the number of the punch stays: pressing again counts once
    button.disabled = false;
  }
}

function listen() {
  for (const form of document.querySelectorAll("form[data-check-in]")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      wake();
      send(form);
    });
  }
}

listen();
tell();
