// Draws one phone's thread. Words from outside become text nodes, never markup.

const LINK = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]/g;
const MARKS = {
  sent: ["tick", "Sent"],
  received: ["ticks", "Received by the line"],
  failed: ["alert", "The line did not answer"],
};

export function svg(id) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${id}`);
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(use);
  return drawing;
}

export function timeOf(iso, zone, lang) {
  return new Date(iso).toLocaleTimeString(lang, { hour: "numeric", minute: "2-digit", timeZone: zone });
}

export function dayOf(iso, zone, lang) {
  const shape = { weekday: "short", month: "short", day: "numeric", timeZone: zone };
  return new Date(iso).toLocaleDateString(lang, shape);
}

function linkify(target, text) {
  let from = 0;
  for (const found of text.matchAll(LINK)) {
    const link = document.createElement("a");
    link.href = link.textContent = found[0];
    link.target = "_blank";
    link.rel = "noopener noreferrer";
    target.append(text.slice(from, found.index), link);
    from = found.index + found[0].length;
  }
  target.append(text.slice(from));
}

function picture() {
  const image = document.createElement("img");
  image.src = "/phone/static/picture.png";
  image.alt = "A picture";
  image.width = 220;
  image.height = 150;
  return image;
}

function separator(day) {
  const item = document.createElement("li");
  item.className = "day";
  item.textContent = day;
  return item;
}

function fill(node, item) {
  const words = node.querySelector(".words");
  const bubble = node.querySelector(".bubble");
  if (item.status === "arriving") {
    words.textContent = "";
    words.append(...[1, 2, 3].map(() => document.createElement("i")));
    return;
  }
  words.textContent = "";
  linkify(words, item.text);
  words.hidden = !item.text;
  if (item.picture && !bubble.querySelector("img")) bubble.prepend(picture());
}

function mark(node, item) {
  const place = node.querySelector(".mark");
  const [drawing, words] = MARKS[item.from === "phone" ? item.status : ""] ?? [];
  place.replaceChildren();
  if (!drawing) return;
  const hidden = document.createElement("span");
  hidden.className = "unseen";
  hidden.textContent = words;
  place.title = words;
  place.append(svg(drawing), hidden);
}

function update(node, item, phone) {
  if (node.dataset.status === item.status) return;
  const arrived = node.dataset.status === "arriving" || !node.dataset.status;
  node.dataset.status = item.status;
  node.dataset.from = item.from;
  if (item.from === "note" || item.from === "carrier") node.lang = "en";
  const time = node.querySelector("time");
  time.dateTime = item.at;
  time.textContent = timeOf(item.at, phone.zone, phone.lang);
  node.querySelector(".by").textContent = item.from === "carrier" ? "From the carrier" : "";
  if (arrived) fill(node, item);
  mark(node, item);
}

/** Bring the list up to date; says how many texts from the line are new. */
export function draw(list, phone) {
  const template = document.getElementById("item-template");
  const known = new Map([...list.querySelectorAll(".item")].map((node) => [node.dataset.key, node]));
  let fresh = 0;
  for (const item of phone.thread) {
    const node = known.get(item.key) ?? template.content.firstElementChild.cloneNode(true);
    if (!known.has(item.key)) {
      const day = dayOf(item.at, phone.zone, phone.lang);
      if (list.dataset.day !== day) list.append(separator(day));
      list.dataset.day = day;
      node.dataset.key = item.key;
      list.append(node);
      if (item.from !== "phone") fresh += 1;
    }
    update(node, item, phone);
  }
  return fresh;
}
