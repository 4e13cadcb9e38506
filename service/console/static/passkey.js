"use strict";

/* Passkeys: the browser asks the device, the answer goes with the form. Without them the form stays away. */
async function answerOf(form) {
  const body = new URLSearchParams(new FormData(form));
  const asked = await fetch(form.dataset.passkey, { method: "POST", body });
  if (!asked.ok) throw new Error(asked.status === 403 ? form.dataset.wrong : form.dataset.silent);
  const options = await asked.json();
  const credential = form.dataset.new === undefined
    ? await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
    : await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
  return JSON.stringify(credential);
}

function withPasskey(form) {
  const trouble = form.querySelector("[data-passkey-trouble]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    trouble.hidden = true;
    try {
      form.elements.answer.value = await answerOf(form);
      form.submit();
    } catch (error) {
      trouble.textContent = error.name === "NotAllowedError" ? form.dataset.locked : error.message;
      trouble.hidden = false;
    }
  });
}

if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
  for (const form of document.querySelectorAll("[data-passkey]")) withPasskey(form);
}
