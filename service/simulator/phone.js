// The phone page: asks again and again what is new, and sends what is typed.

import { drawCall, wireCalls } from "/phone/static/call.js";
import { dayOf, draw, svg, timeOf } from "/phone/static/thread.js";

const byId = (id) => document.getElementById(id);
const LANGUAGES = { en: "English", es: "Spanish" };
const zone = document.body.dataset.zone;
const phones = new Map(); // number -> { data, section, tab, unread }
let version = -1;
let shown = null;
let lost = false;

async function ask(path, body) {
  const options = body && {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
  const answer = await fetch(`/phone/api/${path}`, options);
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(typeof problem.detail === "string" ? problem.detail : "That did not work.");
}

function trouble(words) {
  const place = byId("trouble");
  if (place.textContent !== words) place.textContent = words;
  place.hidden = !words;
}

async function attempt(action) {
  try {
    trouble("");
    await action();
  } catch (problem) {
    trouble(problem.message);
  }
}

// The phones

function build(phone) {
  const kind = phone.kind === "landline" ? "landline" : "phone";
  const section = byId(`${kind}-template`).content.firstElementChild.cloneNode(true);
  const id = `phone-${phone.number.slice(1)}`;
  section.id = id;
  section.querySelector("h2").id = `${id}-name`;
  section.setAttribute("aria-labelledby", `${id}-name`);
  section.querySelector(".thread").lang = phone.lang;
  if (kind === "phone") wireComposer(section, phone);
  wireCalls(section, phone, ask, attempt);
  byId("phones").append(section);

  const tab = document.createElement("button");
  tab.type = "button";
  tab.addEventListener("click", () => show(phone.number));
  byId("chooser").append(tab);
  const kept = { data: phone, section, tab, unread: 0 };
  phones.set(phone.number, kept);
  return kept;
}

function wireComposer(section, phone) {
  const form = section.querySelector("form");
  const box = form.querySelector("textarea");
  const send = (text) =>
    attempt(async () => {
      if (!text.body && !text.picture) return;
      await ask("texts", { from: phone.number, ...text, body: text.body.toWellFormed?.() ?? text.body });
      if (text.body === box.value.trim()) box.value = "";
      grow(box);
      section.querySelector(".thread").dataset.follow = "yes";
      await refresh();
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ body: box.value.trim() });
    box.focus();
  });
  box.addEventListener("input", () => grow(box));
  box.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.querySelector(".picture").addEventListener("click", () => send({ body: box.value.trim(), picture: true }));
  const group = section.querySelector(".suggestions");
  group.setAttribute("aria-label", `Suggestions for ${phone.name}`);
  group.lang = phone.lang;
  for (const words of phone.suggestions) {
    const chip = document.createElement("button");
    chip.type = "button";
    chip.textContent = words;
    chip.addEventListener("click", () => send({ body: words }));
    group.append(chip);
  }
}

function grow(box) {
  box.rows = Math.min(5, Math.max(1, box.value.split("\n").length + Math.floor(box.value.length / 34)));
}

function refreshPhone(phone, first) {
  const kept = phones.get(phone.number) ?? build(phone);
  kept.data = phone;
  const { section } = kept;
  const kind = phone.kind === "landline" ? "landline" : `mobile · ${LANGUAGES[phone.lang]}`;
  section.querySelector("h2").textContent = phone.name;
  section.querySelector(".about").textContent = `${phone.pretty} · ${kind}`;
  section.querySelector(".tag").hidden = !phone.optedOut;
  drawCall(section, phone);
  const thread = section.querySelector(".thread");
  thread.setAttribute("aria-label", `Texts of ${phone.name}`);
  const atEnd = thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
  const fresh = draw(thread.querySelector("ol"), phone);
  section.querySelector(".empty").hidden = phone.thread.length > 0;
  if (first || atEnd || thread.dataset.follow) thread.scrollTop = thread.scrollHeight;
  delete thread.dataset.follow;
  kept.unread = first || shown === phone.number ? 0 : kept.unread + fresh;
  drawTab(kept);
}

function drawTab({ data, tab, unread }) {
  tab.textContent = data.name.split(" ")[0];
  tab.setAttribute("aria-pressed", String(shown === data.number));
  if (!unread) return;
  const badge = document.createElement("span");
  badge.className = "badge";
  badge.textContent = unread;
  const hidden = document.createElement("span");
  hidden.className = "unseen";
  hidden.textContent = " new";
  tab.append(" ", badge, hidden);
}

function show(number) {
  shown = number;
  for (const kept of phones.values()) {
    const here = kept.data.number === number;
    kept.section.classList.toggle("shown", here);
    if (here) kept.unread = 0;
    drawTab(kept);
    const thread = kept.section.querySelector(".thread");
    if (here) thread.scrollTop = thread.scrollHeight;
  }
}

byId("aloud").addEventListener("click", ({ currentTarget }) => {
  const on = currentTarget.getAttribute("aria-pressed") !== "true";
  currentTarget.setAttribute("aria-pressed", String(on));
  if (!on) window.speechSynthesis?.cancel();
});

// The clock

function drawClock(now, due) {
  const moment = (iso) => `${dayOf(iso, zone, "en-US")}, ${timeOf(iso, zone, "en-US")}`;
  byId("now").textContent = moment(now);
  byId("now").dateTime = now;
  byId("due").textContent = due ? `Next due: ${moment(due)}` : "Nothing is due yet";
  document.querySelector("[data-move=due]").disabled = !due;
  for (const { data, section } of phones.values()) {
    const wall = section.querySelector(".wall");
    if (wall) wall.textContent = timeOf(now, data.zone, "en-US").replace(/\s?[AP]M$/, "");
  }
}

for (const button of document.querySelectorAll("[data-move]")) {
  button.addEventListener("click", () =>
    attempt(async () => {
      const hours = Number(button.dataset.move);
      await ask("clock", hours ? { hours } : {});
      await refresh();
      byId("said").textContent = `The clock now says ${byId("now").textContent}`;
    }),
  );
}

// One more phone

byId("add").addEventListener("click", () => {
  const dialog = byId("new-phone");
  const taken = [...phones.keys()];
  const free = Array.from({ length: 50 }, (_, i) => `+18045550${150 + i}`);
  dialog.querySelector("[name=number]").value = free.find((number) => !taken.includes(number)) ?? "";
  dialog.querySelector(".problem").hidden = true;
  dialog.showModal();
  dialog.querySelector("[name=name]").select();
});
byId("new-phone").querySelector("[data-cancel]").addEventListener("click", () => byId("new-phone").close());
byId("new-phone").querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const dialog = byId("new-phone");
  const problem = dialog.querySelector(".problem");
  try {
    const { number } = await ask("phones", Object.fromEntries(new FormData(event.target)));
    dialog.close();
    await refresh();
    show(number);
    const section = phones.get(number).section;
    section.scrollIntoView({ block: "nearest" });
    section.querySelector("textarea")?.focus();
  } catch (refused) {
    problem.textContent = refused.message;
    problem.hidden = false;
  }
});

// What is new

async function refresh() {
  const first = version === -1;
  const state = await ask(`state?since=${version}`);
  if (state.phones && state.version > version) {
    for (const phone of state.phones) refreshPhone(phone, first);
    version = state.version;
  }
  if (first && state.phones) {
    show(state.phones[0].number);
    byId("phones").removeAttribute("aria-busy");
  }
  drawClock(state.now, state.nextDue);
}

async function watch() {
  try {
    await refresh();
    if (lost) trouble("");
    lost = false;
  } catch {
    lost = true;
    trouble("The line does not answer. Trying again …");
  }
  setTimeout(watch, 600);
}

watch();
