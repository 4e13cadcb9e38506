"use strict";

const EVERY = 20000; // milliseconds between looks when nothing is told: the waiting times go on

/* Sign-in: the token is in the fragment, which never reaches a server or its logs. */
function takeLink(form) {
  const token = location.hash.slice(1);
  if (!token) return;
  history.replaceState(null, "", location.pathname);
  form.elements.link.value = token;
  form.querySelector("[data-paste]").hidden = true;
  form.querySelector("[data-with-link]").hidden = false;
  form.querySelector("button").textContent = form.dataset.signIn;
  document.querySelector("[data-link]").open = true;
  document.querySelector("[data-link] summary").hidden = true;
  for (const other of document.querySelectorAll("[data-without-link], [data-trouble]")) other.hidden = true;
  form.querySelector("button").focus();
}

/* Two tones for an emergency. Browsers allow sound only after the page was touched. */
function bell(button) {
  let audio = null;
  const on = () => button.getAttribute("aria-pressed") === "true";
  const wake = () => { audio ??= new AudioContext(); audio.resume(); };
  button.hidden = false;
  button.setAttribute("aria-pressed", localStorage.getItem("sound") !== "off");
  button.addEventListener("click", () => {
    button.setAttribute("aria-pressed", !on());
    localStorage.setItem("sound", on() ? "on" : "off");
    ring();
  });
  for (const sign of ["pointerdown", "keydown"]) addEventListener(sign, wake, { once: true });

  function ring() {
    if (!on() || audio?.state !== "running") return;
    for (const [pitch, after] of [[880, 0], [660, 0.25], [880, 0.5]]) {
      const tone = new OscillatorNode(audio, { frequency: pitch });
      const volume = new GainNode(audio, { gain: 0.2 });
      tone.connect(volume).connect(audio.destination);
      tone.start(audio.currentTime + after);
      tone.stop(audio.currentTime + after + 0.2);
    }
  }
  return ring;
}

/* Queue: swap the list when it has changed, keep the focus, and never pretend to be up to date. */
function keepLive(place) {
  const stale = document.querySelector("[data-stale]");
  const announce = document.querySelector("[data-announce]");
  const name = document.title.replace(/^.*? · /, "");
  const ring = bell(document.querySelector("[data-sound]"));
  let last = null;
  let lastGood = new Date();
  let present = false;
  let timer = null;
  let busy = false;
  let again = false;
  for (const sign of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(sign, () => { present = true; }, { passive: true });
  }

  function show(html) {
    const before = counts();
    const focused = place.contains(document.activeElement) ? document.activeElement.id : "";
    const open = place.querySelector(".resting")?.open;
    place.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    if (open) place.querySelector(".resting")?.setAttribute("open", "");
    const now = counts();
    document.title = `${now.title} · ${name}`;
    if (now.emergencies > before.emergencies) ring();
    if (now.told !== before.told) announce.textContent = now.told;
  }

  function counts() {
    const { emergencies, title, told } = place.querySelector(".queue").dataset;
    return { emergencies: Number(emergencies), title, told };
  }

  async function read() {
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
  }

  async function look() {
    again = busy;
    if (busy) return;
    busy = true;
    clearTimeout(timer);
    try {
      await read();
    } catch {
      const since = lastGood.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
      stale.textContent = stale.dataset.stale.replace("{since}", since);
      stale.hidden = false;
    }
    busy = false;
    timer = setTimeout(look, stale.hidden ? EVERY : EVERY / 4);
    if (again) look();
  }

  function listen() {
    const stream = new EventSource(place.dataset.stream);
    stream.onmessage = look;
    stream.onerror = () => {
      look(); // signed out, or the service is away: the answer tells
      if (stream.readyState === EventSource.CLOSED) setTimeout(listen, EVERY / 4);
    };
  }

  listen();
  timer = setTimeout(look, EVERY);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) { present = true; look(); } });
}

const form = document.querySelector("[data-sign-in]");
if (form) {
  takeLink(form);
  addEventListener("hashchange", () => takeLink(form));
}
const live = document.querySelector("[data-live]");
if (live) keepLive(live);
