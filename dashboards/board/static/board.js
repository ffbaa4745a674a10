// Keeps the page's figures fresh: fetches the same page's fragment and swaps the sections that changed.
"use strict";

const EVERY_MS = 3000;
const SETTLED_MS = 250;
const STEPS = [[86400, "Days"], [3600, "Hours"], [60, "Minutes"], [0, "Seconds"]];
const main = document.getElementById("main");
// Only a page whose figures change says whether it is live.
const link = document.getElementById("link");
let serverNow = Number(main.dataset.now);
let readAt = performance.now();

function age(ms) {
  const seconds = Math.max(0, Math.floor((serverNow + performance.now() - readAt - ms) / 1000));
  const [length, unit] = STEPS.find(([least]) => seconds >= least);
  return main.dataset[`ages${unit}`].replace("{n}", String(length ? Math.floor(seconds / length) : seconds));
}

function tick() {
  for (const element of document.querySelectorAll("[data-age]")) {
    const text = age(Number(element.dataset.age));
    if (element.textContent !== text) element.textContent = text;
  }
}

function say(state) {
  if (link.classList.contains(state)) return;
  link.classList.remove("live", "lost");
  link.classList.add(state);
  link.querySelector(".text").textContent = link.dataset[state];
}

// Ages run on by themselves, and what was unfolded is the reader's: neither is a change.
function content(section) {
  const copy = section.cloneNode(true);
  for (const fold of copy.querySelectorAll("details")) fold.removeAttribute("open");
  for (const element of copy.querySelectorAll("[data-age]")) element.textContent = "";
  return copy.innerHTML;
}

function swap(old, fresh) {
  const focused = old.contains(document.activeElement) ? document.activeElement : null;
  const scrolled = [...old.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
  const unfolded = [...old.querySelectorAll("details")].map((fold) => fold.open);
  old.replaceChildren(...fresh.childNodes);
  old.querySelectorAll("details").forEach((fold, index) => { fold.open = unfolded[index] || false; });
  old.querySelectorAll(".scroll").forEach((box, index) => { box.scrollLeft = scrolled[index] || 0; });
  if (focused) {
    const target = focused.id ? document.getElementById(focused.id)
      : [...old.querySelectorAll("a, summary, [tabindex]")].find((element) =>
        element.localName === focused.localName
        && (element.localName !== "summary" || element.firstChild?.textContent === focused.firstChild?.textContent)
        && element.getAttribute("href") === focused.getAttribute("href")
        && element.getAttribute("aria-labelledby") === focused.getAttribute("aria-labelledby"));
    if (target) target.focus({ preventScroll: true });
  }
}

// What is typed is asked for at once, and stands in the address: a page that is sent on shows the same.
function search(form) {
  const query = new URLSearchParams(new FormData(form));
  for (const [key, value] of [...query]) if (value === "") query.delete(key);
  history.replaceState(null, "", `${location.pathname}${String(query) ? `?${query}` : ""}`);
  refresh();
}

// The page asks again in its own language, whatever was chosen elsewhere since.
function fragment() {
  const query = new URLSearchParams(location.search);
  query.set("lang", document.documentElement.lang.slice(0, 2));
  query.set("fragment", "1");
  return `${location.pathname}?${query}`;
}

async function refresh() {
  try {
    const answer = await fetch(fragment(), { cache: "no-store", signal: AbortSignal.timeout(10000) });
    if (answer.status === 404) return location.reload();  // it went: the page that says so
    if (!answer.ok) throw new Error(String(answer.status));
    const now = answer.headers.get("X-Board-Now");
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    serverNow = Number(now);
    readAt = performance.now();
    for (const fresh of page.querySelectorAll("[data-live]")) {
      const old = document.getElementById(fresh.id);
      if (old && content(old) !== content(fresh)) swap(old, fresh);
    }
    tick();
    say("live");
  } catch {
    say("lost");
  }
}

async function keepFresh() {
  for (;;) {
    await new Promise((done) => setTimeout(done, EVERY_MS));
    if (!document.hidden) await refresh();
  }
}

// What is folded is printed, too.
let toFold = [];
addEventListener("beforeprint", () => {
  toFold = [...document.querySelectorAll("details:not([open])")];
  for (const fold of toFold) fold.open = true;
});
addEventListener("afterprint", () => { for (const fold of toFold) fold.open = false; });

tick();
setInterval(tick, 1000);
let typing = 0;
document.addEventListener("input", (event) => {
  if (event.target.id !== "filter") return;
  clearTimeout(typing);
  typing = setTimeout(() => search(event.target.form), SETTLED_MS);
});
if (link) {
  say("live");
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
  keepFresh();
}
