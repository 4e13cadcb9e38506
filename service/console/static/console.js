"use strict";

const EVERY = 5000; // milliseconds between looks at the queue

/* Sign-in: the token is in the fragment, which never reaches a server or its logs. */
function takeLink(form) {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  form.elements.link.value = token;
  form.querySelector("[data-paste]").hidden = true;
  form.querySelector("[data-with-link]").hidden = false;
  form.querySelector("button").textContent = "Sign in";
  document.querySelector("[data-link]").open = true;
  document.querySelector("[data-link] summary").hidden = true;
  for (const other of document.querySelectorAll("[data-without-link], [data-trouble]")) other.hidden = true;
  form.querySelector("button").focus();
}

/* Queue: swap the list when it has changed, keep the focus, and never pretend to be up to date. */
function keepLive(place) {
  const stale = document.querySelector("[data-stale]");
  const announce = document.querySelector("[data-announce]");
  const name = document.title.replace(/^.*? · /, "");
  let last = null;
  let lastGood = new Date();
  let present = false;
  for (const sign of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(sign, () => { present = true; }, { passive: true });
  }

  function show(html) {
    const before = counts();
    const focused = place.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    place.innerHTML = html;
    if (focused) place.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    const now = counts();
    document.title = (now.emergencies ? `(${now.emergencies}) Emergency` : "Queue") + ` · ${name}`;
    if (now.emergencies !== before.emergencies || now.others !== before.others) {
      const plural = now.emergencies === 1 ? "emergency" : "emergencies";
      announce.textContent = `${now.emergencies} ${plural}, ${now.others} others waiting.`;
    }
  }

  function counts() {
    const { emergencies, others } = place.querySelector(".queue").dataset;
    return { emergencies: Number(emergencies), others: Number(others) };
  }

  async function look() {
    try {
      const answer = await fetch(place.dataset.live + (present ? "" : "?watching=1"));
      if (answer.redirected) return location.assign(answer.url);
      if (!answer.ok) throw new Error(answer.status);
      const html = await answer.text();
      if (!html.includes("data-emergencies")) throw new Error("not the list");
      present = false;
      lastGood = new Date();
      stale.hidden = true;
      if (html !== last) show(html);
      last = html;
    } catch {
      const since = lastGood.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
      stale.textContent = `This list is from ${since}: the service does not answer. Check the connection.`;
      stale.hidden = false;
    }
    setTimeout(look, EVERY);
  }

  setTimeout(look, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) present = true; });
}

const form = document.querySelector("[data-sign-in]");
if (form) {
  takeLink(form);
  addEventListener("hashchange", () => takeLink(form));
}
const live = document.querySelector("[data-live]");
if (live) keepLive(live);
