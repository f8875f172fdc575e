// Small comforts; every page works without them. Loaded with defer on office pages.
document.documentElement.classList.add("js");

// A filter form sends itself when a choice changes (its button is hidden by .js .filter-go).
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-auto]");
  if (form && event.target.matches("select, input[type=date], input[type=checkbox], input[type=radio]")) {
    form.requestSubmit();
  }
});

// On a phone the row of sections goes sideways: the current one is in view.
const here = document.querySelector(".sections [aria-current]");
if (here && here.offsetLeft + here.offsetWidth > window.innerWidth) {
  const row = here.closest("ul");
  row.scrollLeft = here.offsetLeft - (row.clientWidth - here.offsetWidth) / 2;
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog && dialog.showModal) {
      event.preventDefault();
      dialog.showModal();
    }
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer && closer.closest("dialog")) {
    event.preventDefault();
    closer.closest("dialog").close();
    return;
  }
  const copier = event.target.closest("[data-copy]");
  if (copier && navigator.clipboard) {
    event.preventDefault();
    const text = copier.dataset.copy || window.location.href;
    navigator.clipboard.writeText(text).then(() => {
      const label = copier.querySelector("[data-copied]");
      if (label) label.textContent = label.dataset.copied;
    });
    return;
  }
  const printer = event.target.closest("[data-print]");
  if (printer) {
    event.preventDefault();
    window.print();
    return;
  }
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".toast").remove();
  // An open menu closes on a click elsewhere.
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  document.querySelectorAll("details.menu[open]").forEach((menu) => {
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// A long action is asked for once: the pressed button says so until the page changes.
document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.defaultPrevented || event.target.method !== "post" || !button) return;
  if (button.formTarget === "_blank") return; // the page stays as it is
  if (event.target.dataset.sent) {
    event.preventDefault();
    return;
  }
  event.target.dataset.sent = "1";
  button.setAttribute("aria-busy", "true");
  window.setTimeout(askable, 8000, event.target, button); // it may have been a download
});
function askable(form, button) {
  delete form.dataset.sent;
  button.removeAttribute("aria-busy");
}
window.addEventListener("pageshow", () => {
  document.querySelectorAll("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    form.querySelectorAll("[aria-busy=true]").forEach((button) => button.removeAttribute("aria-busy"));
  });
});

// Toasts leave after ten seconds, unless somebody is at them.
document.querySelectorAll(".toast").forEach((toast) => {
  window.setTimeout(function leave() {
    if (toast.matches(":hover, :focus-within")) window.setTimeout(leave, 4000);
    else toast.remove();
  }, 10000);
});

// What htmx could not fetch is said, not swallowed.
function sayFailed() {
  const words = document.body.dataset.failed;
  if (!words) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", "alert");
  toast.textContent = words;
  document.body.append(Object.assign(document.createElement("div"), { className: "toasts" }));
  document.body.lastElementChild.append(toast);
  window.setTimeout(() => toast.parentElement.remove(), 10000);
}
document.addEventListener("htmx:responseError", sayFailed);
document.addEventListener("htmx:sendError", sayFailed);
