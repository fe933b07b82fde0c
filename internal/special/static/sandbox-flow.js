// Walks a flow of authentication: it offers the fields that the server wants now, and after UI, REDIRECT and RESTART those of
// the next step.

import { el, markup, say, webAddress } from "./sandbox-dom.js";
import { Field } from "./sandbox-fields.js";

// purposes are what meta=authmanagerinfo is asked for, by module.
const purposes = {
  createaccount: "create", clientlogin: "login", linkaccount: "link", unlinkaccount: "unlink",
  changeauthenticationdata: "change", removeauthenticationdata: "remove",
};

const stepping = ["createaccount", "clientlogin", "linkaccount"];

// shownMessage is a message of the server, in the format that was asked for.
export function shownMessage(message, format) {
  if (message === undefined || message === null) return "";
  if (typeof message === "object") return el("code", { dir: "ltr" }, JSON.stringify(message));
  return format === "html" ? markup(message) : String(message);
}

// labelOf is a label as words; the colon that some have is for lines of plain text.
function labelOf(label, format) {
  const shown = shownMessage(label, format);
  return (shown.textContent ?? shown).replace(/[:\s]+$/, "");
}

const kinds = {
  string: "text", password: "secret", select: "choice", multiselect: "choices", checkbox: "flag", button: "button",
  hidden: "text", null: "shown",
};

// shownPicture shows a puzzle, and says it where it is one of ours.
function shownPicture(address) {
  const image = el("img", { src: address.href, alt: say("picture") });
  if (address.searchParams.get("title") !== "Special:Captcha/image") return image;
  const sound = new URL(address);
  sound.searchParams.set("title", "Special:Captcha/audio");
  return [image, el("audio", { controls: true, preload: "none", src: sound.href, "aria-label": say("sound") })];
}

// drawnCode shows the QR code of a second factor, which this site draws for whoever sets it up; nothing for other facts.
function drawnCode(name, value) {
  const address = name === "qr" && webAddress(value);
  return address && address.origin === location.origin ? el("img", { src: address.href, alt: say("picture"), width: 200 }) : null;
}

export class Flow {
  #step = false;
  #turn = 0;

  constructor({ api, form, changed, send, back }) {
    Object.assign(this, { api, form, changed, send, back });
    this.heading = el("h2", { tabindex: "-1" });
    this.explained = el("div", { class: "explained" });
    this.groups = el("div", {});
    this.again = el("button", { type: "button", class: "small", onclick: () => this.offer(form.module) }, say("fields-again"));
    this.over = el("button", { type: "button", class: "small", onclick: () => this.#begin() }, say("start-over"));
    this.element = el("section", { class: "flow", hidden: true },
      this.heading, this.explained, this.groups, el("p", { class: "row" }, this.again, this.over));
  }

  #parameter(name) {
    return this.form.find(this.form.module.prefix + name);
  }

  // offer shows the fields that the module takes besides its parameters.
  async offer(info) {
    const purpose = info?.dynamicparameters && purposes[info.name];
    const turn = ++this.#turn;
    if (!purpose) return this.#show([], false);
    const step = stepping.includes(info.name) && this.#parameter("continue")?.value != null;
    const address = this.#parameter("returnurl");
    if (address && address.value === null && !step) address.value = this.back(info.name);
    const requests = await this.api.requests(step ? `${purpose}-continue` : purpose);
    if (turn !== this.#turn) return;
    this.#show(requests, step, "html");
    this.#explain(say(step ? "step" : "fields"), step ? "" : say("fields-intro"));
  }

  #begin() {
    const go = this.#parameter("continue");
    if (go) go.value = null;
    return this.offer(this.form.module);
  }

  // welcome says that the visitor came back from elsewhere.
  welcome() {
    this.explained.replaceChildren(el("p", {}, say("welcome-back")));
  }

  #explain(heading, ...words) {
    this.heading.replaceChildren(heading);
    this.explained.replaceChildren(...words.filter(Boolean).map((w) => (w instanceof Element ? w : el("p", {}, w))));
  }

  #show(requests, step, format) {
    const typed = new Map(this.form.offered.map((f) => [f.name, f.value]));
    const fields = new Map();
    this.#step = step;
    this.groups.replaceChildren(...requests.map((request) => this.#group(request, fields, format)).filter(Boolean));
    this.form.offered = [...fields.values()];
    for (const f of this.form.offered) {
      if (!step && !f.spec.puzzle && f.spec.value === undefined && typed.get(f.name)) f.value = typed.get(f.name);
    }
    this.over.hidden = !step;
    this.element.hidden = requests.length === 0 && !step;
    this.changed();
  }

  // #group shows a request with those of its fields that no request before it had.
  #group(request, fields, format) {
    const added = Object.entries(request.fields || {}).filter(([name]) => !fields.has(name)).map(([name, described]) => {
      const field = new Field(this.#spec(name, described, { request, format }), this.changed);
      fields.set(name, field);
      return field.element;
    });
    const facts = Object.entries(request.metadata || {});
    if (added.length === 0 && facts.length === 0) return null;
    const title = request.account || request.provider;
    return el("fieldset", { class: "pane" },
      request.id && el("legend", {}, title && title !== request.id && shownMessage(title, format),
        el("span", { class: "hint" }, el("code", { dir: "ltr" }, request.id), request.required && ` · ${request.required}`)),
      facts.length > 0 && el("dl", { class: "facts" }, facts.map(([name, value]) => [el("dt", {}, name), el("dd", {}, drawnCode(name, value) || String(value))])),
      added);
  }

  #spec(name, described, { request, format }) {
    const { type, value, options } = described;
    const puzzle = Object.values(request.fields).some((f) => f.type === "hidden");
    const picture = type === "null" && /^image\//.test(request.metadata?.mime) && webAddress(value);
    const label = labelOf(described.label, format);
    return {
      name, kind: kinds[type] || "text", label: type === "button" ? "" : label, title: label || name,
      hints: [described.optional && say("optional"), type === "hidden" && say("hidden")].filter(Boolean),
      help: described.help && shownMessage(described.help, format),
      value: type === "null" || type === "checkbox" || type === "button" ? undefined : value,
      values: options && Object.keys(options), titles: options, array: type === "multiselect",
      puzzle, once: puzzle || this.#step,
      sensitive: type === "password" || Boolean(described.sensitive),
      press: (field) => this.send(field),
      content: picture && picture.origin === location.origin ? shownPicture(picture) : value,
    };
  }

  // after goes on from an answer. It reports whether there is a next step, whose heading is then the place to go on at.
  async after(answer, info) {
    const said = answer.data?.[info?.name];
    if (!purposes[info?.name] || !said?.status) return false;
    const next = said.fields ? [{ fields: said.fields }] : said.requests || [];
    if (said.status === "PASS" || said.status === "FAIL" || (said.status === "RESTART" && next.length === 0)) {
      // A flow that has ended takes nothing more, and a puzzle is good for one answer.
      if (this.#step) await this.#begin();
      else if (this.form.offered.some((f) => f.spec.puzzle)) await this.offer(info);
      return false;
    }
    this.#turn++;
    const go = this.#parameter("continue"), address = this.#parameter("returnurl");
    if (go) go.value = "1";
    if (address) address.value = null;
    const format = this.#parameter("messageformat")?.value || "wikitext";
    this.#show(next, true, format);
    this.#explain(say(`next-${said.status.toLowerCase()}`), shownMessage(said.message, format),
      said.status === "REDIRECT" && this.#away(said.redirecttarget));
    return true;
  }

  // #away shows where the visitor has to go, and takes the address at which they came back.
  #away(target) {
    const address = webAddress(target);
    const came = el("input", { type: "text", id: "came-back", dir: "ltr", autocomplete: "off", spellcheck: "false", oninput: () => this.#arrived(came.value) });
    return el("div", {},
      el("p", {}, address
        ? el("a", { href: address.href, target: "_blank", rel: "noopener noreferrer" }, say("go-to", address.host))
        : say("go-nowhere")),
      el("p", {}, el("code", { class: "target", dir: "ltr" }, target || "")),
      el("div", { class: "param" }, el("label", { class: "name", for: "came-back" }, say("came-back")),
        el("div", { class: "help" }, say("came-back-help")), came));
  }

  // #arrived fills in what the third party put into the address.
  #arrived(text) {
    const address = webAddress(text.trim());
    if (!address) return;
    for (const [name, value] of address.searchParams) {
      const field = this.form.offered.find((f) => f.name === name);
      if (field) field.value = value;
    }
    this.changed();
  }
}
