"use strict";

/* How long a text is, and what it costs: GSM-7 holds 160 characters, 153 a part; anything else 70, 67. */
const field = document.querySelector("[data-once]");
if (field) {
  const said = document.querySelector("[data-count]");
  const once = new Set(field.dataset.once), twice = new Set(field.dataset.twice);
  const advice = said.textContent;
  const sentences = field.dataset.counted.split("|"); // for one segment, for two, ...

  function count() {
    const text = field.value.trim();
    const odd = [...new Set(text)].filter((mark) => mark !== "\n" && !once.has(mark) && !twice.has(mark));
    const units = odd.length ? text.length : [...text].reduce((sum, mark) => sum + (twice.has(mark) ? 2 : 1), 0);
    const [alone, part] = odd.length ? [70, 67] : [160, 153];
    const segments = units <= alone ? 1 : Math.ceil(units / part);
    const most = Number(field.dataset.longest);
    const counted = sentences[segments - 1].replace("{characters}", text.length);
    const dearer = odd.length ? ` ${field.dataset.dearer.replace("{marks}", odd.join(" "))}` : "";
    said.textContent = text ? counted + dearer : advice;
    said.classList.toggle("trouble", segments > most);
    field.setCustomValidity(segments > most ? field.dataset.tooLong : "");
  }

  field.addEventListener("input", count);
  count();
}
