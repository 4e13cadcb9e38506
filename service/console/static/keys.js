"use strict";

/* Single keys. They rest while one writes, and can be switched off (WCAG 2.2, 2.1.4). */
const help = document.querySelector("[data-keys]");
const allowed = help.querySelector("[data-keys-on]");
allowed.checked = localStorage.getItem("keys") !== "off";
allowed.addEventListener("change", () => localStorage.setItem("keys", allowed.checked ? "on" : "off"));

function move(by) {
  const lines = [...document.querySelectorAll("li.line h3 a, .found h2 a")].filter((one) => one.checkVisibility());
  const at = lines.findIndex((one) => one.closest("li").contains(document.activeElement));
  lines[Math.min(Math.max(at + by, 0), lines.length - 1)]?.focus();
}

function take() {
  const line = document.activeElement.closest("li.line");
  (line ?? document.querySelector(".bar, .doing, .alone"))?.querySelector('form[action$="/claim"] button')?.click();
}

function find() {
  const field = document.querySelector("[data-find]");
  if (field) field.focus(); else location.assign("/console#find");
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  c: take,
  g: () => location.assign("/console"),
  "/": find,
  "?": () => help.showModal(),
};

addEventListener("keydown", (event) => {
  const writing = event.target.closest("input:not([type=radio], [type=checkbox]), textarea, select");
  if (writing || event.ctrlKey || event.metaKey || event.altKey || help.open) return;
  if (!allowed.checked && event.key !== "?") return;
  const deed = KEYS[event.key];
  if (!deed) return;
  event.preventDefault();
  deed();
});
if (location.hash === "#find") find();
