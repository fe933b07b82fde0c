// One parameter: its name, its help, and what to fill it in with. The box in front of the name says whether it is sent, so
// that a parameter can be sent empty, and left out although it has a value.

import { el, say } from "./sandbox-dom.js";

const separator = "\u001f"; // between values that may have bars in them, when it stands first

export const splitList = (text) =>
  text === "" ? [] : text.startsWith(separator) ? text.slice(1).split(separator) : text.split("|");

export const joinList = (values) =>
  values.some((v) => v.includes("|")) ? separator + values.join(separator) : values.join("|");

// exampleToken is what examples have in the place of a token: the sandbox has real ones.
const exampleToken = "123ABC";

const manyValues = 30; // a longer list scrolls

let count = 0;

// Field shows a spec:
//
//	name          what is sent
//	kind          flag, choice, choices, lines, text, number, secret, token, button or shown
//	label         words for it beside the name; hints: what else is known of it; help: nodes
//	values        of a choice; titles: what they are called; all: that * stands for all of them
//	preset        what the server takes when nothing is sent; value: what to fill in at once
//	array         several values are sent as name[]
//	sensitive     not shown in copied code; tokenType: what token it is; once: worth nothing in a later call
//	always        it cannot be left out
//	press, remove what a button does, and what takes the field away
export class Field {
  constructor(spec, changed) {
    this.spec = spec;
    this.name = spec.name;
    this.id = `p-${spec.name.replace(/[^\w-]/g, "_")}-${++count}`;
    this.changed = changed;
    this.send = el("input", { type: "checkbox", class: "send", "aria-label": say("send-this", spec.name), hidden: spec.always });
    this.send.addEventListener("change", changed);
    this.control = makers[spec.kind](this);
    this.element = this.#show();
    this.value = spec.value ?? null;
  }

  #show() {
    const { name, label, kind, hints = [], help, remove } = this.spec;
    const code = el("code", { dir: "ltr" }, name);
    const title = kind === "choices"
      ? el("span", { class: "name", id: `${this.id}-name` }, label, " ", code)
      : el("label", { class: "name", for: kind === "flag" ? this.send.id = this.id : this.id }, label, " ", code);
    if (kind === "flag") this.send.removeAttribute("aria-label");
    if (kind === "shown") this.send.hidden = true;
    const described = help && kind !== "choices" ? (this.control.input || this.send) : null;
    if (described) described.setAttribute("aria-describedby", `${this.id}-help`);
    return el("div", { class: `param takes-${kind}`, "data-param": name },
      el("div", { class: "head" }, this.send, title, hints.map((hint) => el("span", { class: "hint" }, hint)),
        remove && el("button", { type: "button", class: "small", onclick: remove }, say("remove"))),
      help && el("div", { class: "help", id: `${this.id}-help` }, help),
      this.control.element);
  }

  // value is what is sent, null when nothing is. Setting it fills the field in.
  get value() {
    return this.send.checked ? this.control.read() : null;
  }

  set value(text) {
    this.send.checked = this.spec.always || text !== null || this.spec.kind === "token";
    this.control.write(text ?? "");
  }

  get typed() {
    return this.control.read();
  }

  // touch is called when something is typed: what is filled in is sent.
  touch() {
    this.send.checked = this.spec.always || this.spec.kind === "token" || this.control.read() !== "";
    this.changed();
  }

  // entries are the names and values that are sent.
  entries() {
    const { name, value } = this, { sensitive, tokenType, array, once } = this.spec;
    if (value === null || this.spec.kind === "shown") return [];
    if (array) return splitList(value).map((v) => ({ name: `${name}[]`, value: v, sensitive, once }));
    return [{ name, value, sensitive: sensitive || Boolean(tokenType), tokenType, once }];
  }

  focus() {
    (this.control.input || this.element.querySelector("input, button")).focus();
  }
}

// A control has an element, the input to focus, and reads and writes one text.
const makers = {
  flag: () => {
    let text = "1";
    return { read: () => text, write: (v) => { text = v || "1"; } };
  },

  text: (field) => line(field, {}),
  number: (field) => line(field, { inputmode: field.spec.min < 0 ? null : "numeric" }),
  token: (field) => {
    const made = line(field, { placeholder: say("token-auto") });
    return { ...made, write: (text) => made.write(text.toUpperCase() === exampleToken ? "" : text) };
  },

  secret: (field) => {
    const made = line(field, { type: "password", autocomplete: "new-password" });
    const button = el("button", { type: "button", class: "show", "aria-controls": field.id, onclick: () => {
      const hidden = made.input.type === "password";
      made.input.type = hidden ? "text" : "password";
      button.textContent = hidden ? say("hide") : say("show");
    } }, say("show"));
    return { ...made, element: el("span", { class: "secret" }, made.input, button) };
  },

  lines: (field) => {
    const fit = () => { input.rows = Math.min(8, Math.max(2, input.value.split("\n").length)); };
    const input = el("textarea", { id: field.id, rows: 2, spellcheck: "false", placeholder: say("one-per-line"), oninput: () => {
      fit();
      field.touch();
    } });
    return {
      input, element: input,
      read: () => joinList(input.value.split("\n").filter((v, i, all) => v !== "" || i < all.length - 1)),
      write: (text) => {
        input.value = splitList(text).join("\n");
        fit();
      },
    };
  },

  choice: (field) => {
    const { values, titles = {}, preset } = field.spec;
    const option = (value) => el("option", { value }, titles[value] ? `${titles[value]} (${value})` : value);
    const input = el("select", { id: field.id, onchange: () => field.touch() }, values.map(option));
    return {
      input, element: input, read: () => input.value,
      write: (text) => {
        const wanted = text || preset || (values.includes("") ? "" : values[0]);
        if (![...input.options].some((o) => o.value === wanted)) input.append(option(wanted)); // sent all the same
        input.value = wanted;
      },
    };
  },

  choices: (field) => {
    const { values, titles = {}, all } = field.spec;
    const box = el("div", { class: values.length > manyValues ? "choices many" : "choices", role: "group", "aria-labelledby": `${field.id}-name` });
    const add = (value) => box.append(el("label", {},
      el("input", { type: "checkbox", value, onchange: () => field.touch() }), " ",
      titles[value] || (value === "*" ? say("all") : el("code", { dir: "ltr" }, value))));
    if (all) add("*");
    values.forEach(add);
    const inputs = () => [...box.querySelectorAll("input")];
    return {
      element: box,
      read: () => joinList(inputs().filter((i) => i.checked).map((i) => i.value)),
      write: (text) => {
        const chosen = splitList(text);
        chosen.filter((v) => !inputs().some((i) => i.value === v)).forEach(add);
        for (const i of inputs()) i.checked = chosen.includes(i.value);
      },
    };
  },

  button: (field) => {
    const input = el("button", { type: "button", id: field.id, onclick: () => {
      field.send.checked = true;
      field.spec.press(field);
    } }, field.spec.title);
    return { input, element: input, read: () => "1", write: () => {} };
  },

  shown: (field) => {
    const element = el("div", { class: "shown", id: field.id }, field.spec.content);
    return { element, read: () => "", write: () => {} };
  },
};

function line(field, attributes) {
  const input = el("input", {
    type: "text", id: field.id, dir: "auto", autocomplete: "off", autocapitalize: "none", spellcheck: "false", maxlength: null,
    ...attributes, oninput: () => field.touch(),
  });
  return { input, element: input, read: () => input.value, write: (text) => { input.value = text; } };
}
