// Everything works without this file but: a page that follows the inbox, an upload's progress, keys 1 to 5, copying,
// the browser's time zone, and that an opened suggestion counts as read.

const NOTICES = [
  "introduction_asked",
  "offer",
  "target_asked",
  "agreed",
  "introduced",
  "reminder",
  "outcome_question",
  "outcome",
  "ended",
  "keep_in_touch",
];
const live = document.querySelector("[data-live]");
let source = null;
let again = 0;
let pause = 2000;
let shown = live?.innerHTML;

// A press whose target is replaced before it is let go is no click: the page waits for the end of it.
let released = Promise.resolve();
document.addEventListener("pointerdown", () => {
  released = new Promise((done) => {
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(done), { once: true });
  });
});

async function reload() {
  await refresh();
  lookAgain();
}

// Nobody is told that an ask which waited was delivered: a page that shows one looks again, ever less often.
function lookAgain() {
  clearTimeout(again);
  if (!live.querySelector("[data-waits]")) {
    pause = 2000;
    return;
  }
  again = setTimeout(() => document.hidden || reload(), pause);
  pause = Math.min(2 * pause, 60_000);
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
  if (!fresh || fresh.innerHTML === shown) return;
  await released;
  // Whoever is writing in it goes on writing.
  const begun = [...live.querySelectorAll("textarea, input")].some(
    (field) => field === document.activeElement || field.value !== field.defaultValue || field.checked !== field.defaultChecked);
  if (begun) return;
  shown = fresh.innerHTML;
  const at = live.contains(document.activeElement) && document.activeElement.getAttribute("href");
  for (const open of live.querySelectorAll("details[open][id]")) fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  live.replaceChildren(...fresh.childNodes);
  if (at) live.querySelector(`a[href="${CSS.escape(at)}"]`)?.focus();
  offerCopies();
}

function offerCopies() {
  for (const button of document.querySelectorAll("[data-copy]")) button.hidden = !navigator.clipboard;
}

// Where nobody has chosen a time zone yet, the browser's own is offered; saving the form takes it.
for (const field of document.querySelectorAll("[data-own-zone]")) {
  field.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? field.value;
}

offerCopies();
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).value);
  button.textContent = "Copied ✓";
});

// One stream a browser: a hidden page has none, and looks again once when it is shown.
function follow() {
  if (document.hidden) {
    source?.close();
    source = null;
    return;
  }
  if (source) return;
  source = new EventSource("/changes");
  // "ready" begins each connection: what happened before it is on the page only after a look.
  for (const kind of ["ready", "suggestion", "summary", "updated", "withdrawn", "reset", ...NOTICES]) {
    source.addEventListener(kind, reload);
  }
}

if (live) {
  follow();
  lookAgain();
  document.addEventListener("visibilitychange", () => {
    follow();
  });
}

// To open a suggestion is to read it; a page that is loaded but not looked at was not opened.
async function markAsRead(form) {
  const said = new URLSearchParams(new FormData(form));
  const answer = await fetch(form.action, { method: "POST", body: said, redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect") form.hidden = true;
}

for (const form of document.querySelectorAll("[data-seen]")) {
  if (!document.hidden) markAsRead(form);
  else document.addEventListener("visibilitychange", () => markAsRead(form), { once: true });
}

for (const form of document.querySelectorAll("[data-keys]")) {
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select");
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    form.querySelector(`button[value="${CSS.escape(event.key)}"]`)?.click();
  });
}

for (const form of document.querySelectorAll("[data-upload]")) {
  form.addEventListener("submit", (event) => {
    const bar = form.querySelector("progress");
    const request = new XMLHttpRequest();
    event.preventDefault();
    form.querySelector("button").disabled = true;
    bar.hidden = false;
    request.upload.addEventListener("progress", (sent) => {
      bar.value = sent.lengthComputable ? (100 * sent.loaded) / sent.total : 50;
    });
    request.upload.addEventListener("load", () => bar.removeAttribute("value"));
    request.addEventListener("loadend", () => {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const main = page.querySelector("main");
      if (!main) return location.reload();
      document.querySelector("main").replaceWith(main);
      main.querySelector("[role=alert], [role=status]")?.scrollIntoView();
    });
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

// Completion: an input has a list of the browser's own; under a text of several lines stand buttons for its last word.
for (const field of document.querySelectorAll("[data-complete]")) {
  const several = field.matches("textarea");
  const offers = document.createElement(several ? "p" : "datalist");
  const known = field.list ? [...field.list.options].map((option) => option.value) : [];
  if (several) offers.className = "offers";
  else offers.id = `${field.id}-offers`;
  field.after(offers);
  if (!several) field.setAttribute("list", offers.id);
  const begun = () => (several ? field.value.split(field.name === "skills" ? /[\n,;]/ : /\n/).at(-1).trim() : field.value.trim());
  let waiting = 0;
  const offer = async () => {
    const typed = begun();
    if (typed.length < 2) return offers.replaceChildren();
    const answer = await fetch(`/complete?kind=${field.dataset.complete}&q=${encodeURIComponent(typed)}`);
    if (!answer.ok || typed !== begun()) return;
    const { items, did_you_mean: meant } = await answer.json();
    const own = known.filter((name) => name.toLowerCase().startsWith(typed.toLowerCase()));
    const names = [...new Set([...own, ...items, ...meant])].filter((name) => name !== typed);
    offers.replaceChildren(...names.slice(0, 8).map((name) => (several ? chip(name) : new Option(name, name))));
  };
  const chip = (name) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "tag";
    button.textContent = name;
    button.addEventListener("click", () => {
      field.value = field.value.slice(0, field.value.length - begun().length) + name;
      field.focus();
      offers.replaceChildren();
    });
    return button;
  };
  field.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(offer, 120);
  });
}
