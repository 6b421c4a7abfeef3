// Sends the form as JSON and shows the problem document's own words.
"use strict";
const form = document.querySelector("form[data-post]");
const problem = document.getElementById("problem");
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  const data = Object.fromEntries(new FormData(form));
  if (!data.code) delete data.code;
  const response = await fetch(form.dataset.post, {
    method: "POST",
    headers: { "Content-Type": "application/json", "Accept-Language": document.documentElement.lang },
    body: JSON.stringify(data),
  });
  if (response.ok) {
    const next = new URLSearchParams(location.search).get("next") ?? "";
    location.assign(/^\/[a-z]/.test(next) ? next : form.dataset.onward); // a path of ours, never another site
    return;
  }
  const document_ = await response.json().catch(() => ({}));
  problem.textContent = [document_.title, document_.detail].filter(Boolean).join(" · ") || String(response.status);
  problem.hidden = false;
  problem.focus();
});
