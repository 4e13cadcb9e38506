// Draws a call on a phone, speaks what the line says, and passes on what the person does.

const KEYS = [..."123456789*0#"];
const voice = window.speechSynthesis;
const loud = () => document.getElementById("aloud").getAttribute("aria-pressed") === "true";

function button(words, kind, action) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = kind;
  made.textContent = words;
  made.addEventListener("click", action);
  return made;
}

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text);
}

function speak(lines) {
  if (!voice || !loud()) return;
  for (const { lang, text } of lines) {
    const said = new SpeechSynthesisUtterance(text);
    said.lang = lang;
    voice.speak(said);
  }
}

/** Make the panel of a phone's calls. `ask` posts to the page's API; `attempt` shows what goes wrong. */
export function wireCalls(section, phone, ask, attempt) {
  const panel = section.querySelector(".call");
  const deed = (what) => attempt(async () => {
    voice?.cancel();
    await ask(`calls/${panel.dataset.sid}`, what);
  });
  const keypad = panel.querySelector(".keypad");
  for (const key of KEYS) keypad.append(button(key, "key", () => type(key)));
  const typed = panel.querySelector(".typed");
  function type(key) {
    typed.textContent += key;
    const wanted = Number(panel.dataset.keys);
    if (typed.textContent.length < wanted && !(key === "#" && wanted > 1)) return;
    const keys = typed.textContent;
    typed.textContent = "";
    deed({ do: "press", keys });
  }
  const form = panel.querySelector("form");
  const words = form.querySelector("input[type=text]");
  const file = form.querySelector("input[type=file]");
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const said = words.value.trim();
    const recording = panel.dataset.waits === "record";
    if (!said && !(recording && file.files.length)) return;
    const audio = recording && file.files.length ? await encoded(file.files[0]) : "";
    form.reset();
    deed(recording ? { do: "record", words: said, audio } : { do: "say", words: said });
  });
  for (const each of panel.querySelectorAll("[data-do]")) {
    each.addEventListener("click", () => deed({ do: each.dataset.do }));
  }
  const ring = (hidden) => attempt(() => ask("calls", { from: phone.number, hidden }));
  section.querySelector(".dial").addEventListener("click", () => ring(false));
  section.querySelector(".dial-hidden").addEventListener("click", () => ring(true));
}

/** Bring the panel up to date. */
export function drawCall(section, phone) {
  const panel = section.querySelector(".call");
  const call = phone.call;
  section.classList.toggle("on-call", Boolean(call));
  for (const each of section.querySelectorAll(".dial, .dial-hidden")) each.disabled = Boolean(call);
  if (!call) {
    if (!panel.hidden) voice?.cancel();
    panel.hidden = true;
    panel.querySelector("ol").replaceChildren();
    delete panel.dataset.sid;
    return;
  }
  const list = panel.querySelector("ol");
  if (panel.dataset.sid !== call.sid) list.replaceChildren();
  panel.hidden = false;
  panel.dataset.sid = call.sid;
  panel.dataset.waits = call.waits.kind ?? "";
  panel.dataset.keys = call.waits.keys ?? 1;
  panel.querySelector(".state").textContent =
    { ring: "The line is calling", bridged: "Connected to a person", dial: "Ringing a person …", record: "Recording: leave a message", gather: "Listening" }[call.waits.kind] ?? "…";
  const fresh = call.said.slice(list.children.length);
  for (const { lang, text } of fresh) {
    const line = document.createElement("li");
    line.lang = lang;
    line.textContent = text;
    list.append(line);
  }
  if (fresh.length) {
    speak(fresh);
    list.scrollTop = list.scrollHeight;
  }
  const ringing = call.waits.kind === "ring";
  const recording = call.waits.kind === "record";
  panel.querySelector(".incoming").hidden = !ringing;
  panel.querySelector(".talking").hidden = ringing;
  panel.querySelector("form").hidden = !(recording || call.waits.speech);
  panel.querySelector("form .file").hidden = !recording;
  panel.querySelector("form input[type=text]").placeholder = recording ? "Type your message" : "Type what you say";
}
