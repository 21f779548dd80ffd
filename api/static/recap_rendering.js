// A file in the making tells how far it is; when it is done the page is asked for once more.
// Without this module the page asks for itself every few seconds.

const place = document.querySelector("[data-rendering]");

function words(told) {
  if (told.state === "queued") return "排队中，前面的文件完成后就开始";
  return `第${told.done_steps + 1}步，共${told.all_steps}步：${told.step}`;
}

function show(told) {
  const bar = place.querySelector("progress");
  bar.value = told.done_steps;
  bar.textContent = `${told.done_steps}/${told.all_steps}`;
  const step = place.querySelector("[data-step]");
  if (step.textContent !== words(told)) step.textContent = words(told); // read out once a step
  const since = Date.now() - Date.parse(told.created_at);
  place.querySelector("[data-seconds]").textContent = String(Math.max(0, Math.round(since / 1000)));
}

async function look() {
  try {
    const answer = await fetch(place.dataset.rendering, { headers: { accept: "application/json" } });
    const told = await answer.json();
    if (!answer.ok || told.state === "done" || told.state === "failed") {
      location.reload();
      return;
    }
    show(told);
  } catch {
    // The network is away for a moment: the next look may find it again.
  }
  setTimeout(look, 1500);
}

if (place) setTimeout(look, 1000);
