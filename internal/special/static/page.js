// What a browser with scripts gets on top. Every page is complete without it.
(() => {
  "use strict";

  const each = (selector, deed) => document.querySelectorAll(selector).forEach(deed);

  // A password can be looked at; a field that repeats it is then of no use, and follows by itself.
  each(".toggle", (button) => {
    const input = document.getElementById(button.getAttribute("aria-controls"));
    button.hidden = false;
    button.addEventListener("click", () => {
      const show = input.type === "password";
      input.type = show ? "text" : "password";
      button.textContent = show ? button.dataset.hide : button.dataset.show;
      input.focus();
    });
  });
  each("[data-repeats]", (field) => {
    const first = document.getElementById(field.dataset.repeats);
    const second = field.querySelector("input");
    if (!first || !second || field.classList.contains("faulty")) return;
    field.hidden = true;
    first.form.addEventListener("submit", () => { second.value = first.value; });
  });

  // What the server says to a password, in words, when it is typed. A refusal waits until the field is left.
  each("[data-check]", (input) => {
    const note = document.getElementById(input.id + "-note");
    const words = input.dataset;
    let turn = 0, timer;
    const judge = async (user) => {
      const body = new URLSearchParams({ password: input.value });
      if (user) body.set("user", user);
      const { validatepassword } = await (await fetch(words.check, { method: "POST", body })).json();
      return validatepassword || user && judge(); // a name that cannot be had tells nothing about the password
    };
    const ask = async (left) => {
      const mine = ++turn;
      const password = input.value;
      let said = "", refused = false;
      try {
        const verdict = password && await judge(words.user || input.form.elements.wpName?.value.trim());
        if (verdict?.validity === "Good") {
          said = [...password].length < 15 ? words.fine : words.long;
        } else if (verdict && (left || note.classList.contains("refused"))) {
          said = verdict.validitymessages.map((m) => m.text).join(" ");
          refused = true;
        }
      } catch {
        // Nobody answered; the form will.
      }
      if (mine !== turn) return;
      note.textContent = said;
      note.classList.toggle("refused", refused);
    };
    input.addEventListener("change", () => {
      clearTimeout(timer);
      ask(true);
    });
    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => ask(false), 500);
    });
  });

  // Recovery codes are shown once: they can be copied, saved and printed.
  each("[data-codes]", (group) => {
    group.hidden = false;
    const { codes, file } = group.dataset;
    const deeds = {
      copy: (button) => navigator.clipboard.writeText(codes).then(() => { button.textContent = button.dataset.done; }),
      print: () => window.print(),
      download: () => {
        const link = document.createElement("a");
        link.href = URL.createObjectURL(new Blob([codes], { type: "text/plain" }));
        link.download = file;
        link.click();
        URL.revokeObjectURL(link.href);
      },
    };
    group.querySelectorAll("[data-keep]").forEach((button) => {
      if (button.dataset.keep === "copy" && !navigator.clipboard) button.hidden = true; // browsers have it on https alone
      button.addEventListener("click", () => deeds[button.dataset.keep](button));
    });
  });

  // What the server says to a name, as soon as it is typed.
  each("[data-ask]", (input) => {
    const note = document.getElementById(input.id + "-note");
    const lookUp = async (...names) => {
      const answer = await fetch(input.dataset.ask + "&ususers=" + names.map((n) => encodeURIComponent("\u001f" + n)).join(""));
      return (await answer.json()).query.users;
    };
    // Free names near a taken one: the same that the form would offer.
    const offer = async (taken) => {
      const stem = taken.replace(/[0-9 ]+$/, "");
      const near = stem ? await lookUp(...Array.from({ length: 8 }, (_, i) => stem + " " + (2 + i * i * (1 + i)))) : [];
      const free = near.filter((user) => user.cancreate).slice(0, 3);
      if (free.length === 0) return undefined;
      const group = document.createElement("div"), label = document.createElement("span");
      group.className = "suggests";
      label.textContent = input.dataset.free;
      group.append(label, ...free.map(({ name }) => {
        const button = document.createElement("button");
        button.type = "button";
        button.textContent = name;
        button.addEventListener("click", () => {
          input.value = name;
          input.focus();
          input.dispatchEvent(new Event("change"));
        });
        return button;
      }));
      return group;
    };
    let turn = 0;
    input.addEventListener("change", async () => {
      const mine = ++turn;
      const name = input.value.trim();
      let said = "", refused = false, free;
      try {
        const [user] = name ? await lookUp(name) : [];
        if (user && (user.userid || user.invalid || user.cancreateerror)) {
          const words = input.dataset;
          said = user.userid ? words.taken : user.invalid ? words.invalid : user.cancreateerror[0].text;
          refused = true;
          if (user.userid) free = await offer(user.name);
        } else if (user && user.name !== name) {
          said = input.dataset.willBe.replace("$1", () => user.name);
        }
      } catch {
        // Nobody answered; the form will.
      }
      if (mine !== turn) return;
      note.textContent = said;
      note.classList.toggle("refused", refused);
      input.parentElement.querySelector(".suggests")?.remove();
      if (free) note.after(free);
    });
  });

  // The link to an event has its pass behind the "#", where no server and no log sees it.
  const pass = new URLSearchParams(location.hash.slice(1)).get("eventpass");
  const passField = document.querySelector("[name=eventpass]");
  if (pass && passField && !passField.value) passField.value = pass;
  if (pass && !passField) each("#no-pass", (note) => { note.hidden = false; });

  // Another picture, without losing what was typed.
  each("[data-renew]", (button) => {
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      const form = button.form;
      try {
        const answer = await fetch(button.dataset.renew, { method: "POST" });
        const id = (await answer.json()).fancycaptchareload.index;
        form.elements.captchaId.value = id;
        form.querySelectorAll("#captchaInfo [src]").forEach((shown) => {
          const address = new URL(shown.src, location.href);
          address.searchParams.set("wpCaptchaId", id);
          shown.src = address.href;
        });
        form.elements.captchaWord.value = "";
        form.elements.captchaWord.focus();
      } catch {
        form.requestSubmit(button); // the page can do it too
      }
    });
  });

  // A form is sent once. The button says what is going on.
  each("form[method=post]", (form) => {
    form.addEventListener("submit", (event) => {
      if (form.dataset.sent) {
        event.preventDefault();
        return;
      }
      form.dataset.sent = "yes";
      each(".toggle", (button) => {
        const input = document.getElementById(button.getAttribute("aria-controls"));
        input.type = "password"; // so that browsers offer to keep it, and do not keep it as a plain text
      });
      const pressed = event.submitter;
      const button = !pressed || pressed.classList.contains("default") ? form.querySelector(".primary") : pressed;
      if (!button) return;
      button.setAttribute("aria-disabled", "true");
      if (!button.dataset.busy) return;
      button.textContent = button.dataset.busy;
      const said = document.createElement("p");
      said.className = "announced";
      said.setAttribute("role", "status");
      form.append(said);
      requestAnimationFrame(() => { said.textContent = button.dataset.busy; });
    });
  });
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) location.reload();
  });

  // The menu of languages closes as menus do.
  each("details.languages", (menu) => {
    const close = (event) => {
      if (!menu.open || menu.contains(event.target) && event.key !== "Escape") return;
      menu.open = false;
      if (event.key === "Escape") menu.firstElementChild.focus();
    };
    document.addEventListener("click", close);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") close(event); });
    menu.addEventListener("focusout", (event) => { if (event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false; });
  });

  // A page that answers a form becomes an address of its own: neither Back nor Reload sends the form again.
  history.replaceState(null, "", location.href);

  // Times in the reader's zone; the exact one stays in the title.
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  each("time[datetime]", (time) => {
    const at = new Date(time.dateTime);
    if (!isNaN(at)) time.textContent = format.format(at);
  });
})();
