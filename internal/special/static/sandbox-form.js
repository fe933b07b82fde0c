// The form of a call, made from what the server tells of its modules. A module is a pane; a parameter whose values are modules
// (action, format, meta, list) has the panes of the chosen ones below it.

import { el, markup, say } from "./sandbox-dom.js";
import { Field, splitList } from "./sandbox-fields.js";

// What answers are asked for in, unless the visitor says otherwise.
const presets = { format: "json", formatversion: "2" };

const kinds = { boolean: "flag", password: "secret", integer: "number", limit: "number" };

function kindOf(p) {
  if (p.tokentype) return "token";
  if (Array.isArray(p.type) && p.type.length > 0) return p.multi ? "choices" : "choice";
  return p.multi ? "lines" : kinds[p.type] || "text";
}

// hintsOf puts into words what is known of a parameter, beside its help.
function hintsOf(p) {
  const hints = [];
  const add = (condition, ...words) => { if (condition) hints.push(say(...words)); };
  add(p.required, "required");
  add(p.deprecated, "deprecated");
  add(p.type === "limit", "limit", p.min ?? 1, p.max);
  add(p.type === "integer" && p.min !== undefined && p.max === undefined, "at-least", p.min);
  add(p.type === "integer" && p.max !== undefined, "between", p.min ?? "−∞", p.max);
  add(p.type === "integer" && p.min === undefined && p.max === undefined, "number");
  add(p.type === "timestamp", "timestamp");
  add(p.type === "user", "user");
  add(p.multi && !Array.isArray(p.type), "several", p.limit);
  add(p.default !== undefined && p.default !== "" && p.type !== "boolean", "default", p.default);
  return hints;
}

function specOf(module, p) {
  const name = module.prefix + p.name;
  return {
    name, kind: kindOf(p), hints: hintsOf(p), help: p.description && folded(markup(p.description), "DL", say("meanings")),
    values: p.type, all: Boolean(p.allspecifier), preset: p.default, min: p.min,
    sensitive: Boolean(p.sensitive) || p.type === "password", tokenType: p.tokentype,
    value: module.path === "main" || module.group === "format" ? presets[name] : undefined,
    always: module.path === "main" && name === "action",
  };
}

// Pane is one module. hooks.changed is told when something is filled in, hooks.loaded when other panes are below a field, and
// hooks.failed why they could not be.
class Pane {
  #panes = new Map(); // by path; those that are not chosen keep what was typed

  constructor(info, api, hooks) {
    Object.assign(this, { info, api, hooks });
    this.fields = info.parameters.map((p) => this.#field(p));
  }

  #field(p) {
    const field = new Field(specOf(this.info, p), () => {
      if (p.submodules) this.#load(field).then(() => this.hooks.loaded(field), this.hooks.failed);
      this.hooks.changed();
    });
    if (p.submodules) Object.assign(field, { submodules: p.submodules, place: el("div", { class: "below" }), panes: [] });
    return field;
  }

  // ready waits for the panes of what is chosen.
  async ready() {
    await Promise.all(this.fields.filter((f) => f.submodules).map((f) => this.#load(f)));
  }

  async #load(field) {
    const { submodules } = field;
    const chosen = () => splitList(field.value ?? "").filter((v) => Object.hasOwn(submodules, v)).map((v) => submodules[v]);
    const paths = chosen();
    const missing = paths.filter((path) => !this.#panes.has(path));
    for (const info of await this.api.modules(missing)) this.#panes.set(info.path, new Pane(info, this.api, this.hooks));
    const panes = paths.map((path) => this.#panes.get(path)).filter(Boolean);
    await Promise.all(panes.map((pane) => pane.ready()));
    if (paths.join() !== chosen().join()) return; // chosen anew meanwhile
    field.panes = panes;
    field.place.replaceChildren(...panes.map((pane) => pane.element(field.name)));
  }

  // element shows the pane below the parameter that chose it. An action has a slot for the fields that depend on the visitor.
  element(chosenBy) {
    const { info } = this;
    if (chosenBy === "action") {
      this.slot ??= el("div", {});
      this.shown ??= el("div", {}, about(info), this.slot,
        this.fields.length > 0 && el("h2", {}, say("parameters")), elements(this.fields));
    }
    this.shown ??= el("fieldset", { class: "pane" },
      el("legend", {}, el("code", { dir: "ltr" }, `${chosenBy}=${info.name}`)), about(info), elements(this.fields));
    return this.shown;
  }

  // fill takes from params, a map, what belongs to this pane, and leaves the rest.
  async fill(params) {
    for (const field of this.fields) {
      const asked = params.get(field.name);
      params.delete(field.name);
      field.value = asked ?? field.spec.value ?? null;
    }
    await this.ready();
    for (const field of this.fields) for (const pane of field.panes || []) await pane.fill(params);
  }
}

const elements = (fields) => fields.flatMap((f) => (f.place ? [f.element, f.place] : [f.element]));

// walk gives fields and those of the panes below them, in the order in which they are sent.
function* walk(fields) {
  for (const field of fields) {
    yield field;
    for (const pane of field.panes || []) yield* walk(pane.fields);
  }
}

function* modulesBelow(fields) {
  for (const field of fields) {
    for (const pane of field.panes || []) {
      yield pane.info;
      yield* modulesBelow(pane.fields);
    }
  }
}

// folded puts elements that are long, and not needed by everybody, behind a word.
function folded(help, tag, word) {
  for (const long of [...help.children].filter((child) => child.tagName === tag)) {
    const details = el("details", {}, el("summary", {}, word));
    long.replaceWith(details);
    details.append(long);
  }
  return help;
}

// about is what a module says of itself: a sentence, and the rest for who wants it.
function about(info) {
  const hints = [info.mustbeposted && "post-only", info.deprecated && "deprecated", info.internal && "internal"].filter(Boolean);
  const examples = (info.examples || []).map((e) => el("li", {},
    el("a", { href: `#${e.query}` }, e.description ? markup(e.description) : e.query)));
  return el("div", { class: "about" },
    info.description && described(markup(info.description)),
    hints.length > 0 && el("p", { class: "hints" }, hints.map((h) => el("span", { class: "hint" }, say(h)))),
    examples.length > 0 && el("details", {}, el("summary", {}, say("examples")), el("ul", {}, examples)));
}

function described(text) {
  const [first, ...rest] = text.childNodes;
  return el("div", { class: "help" }, first,
    rest.some((n) => n.textContent.trim()) && el("details", {}, el("summary", {}, say("more")), rest));
}

// Form is the whole call: the module, its parameters, fields of other origin, and what every module takes.
export class Form {
  offered = []; // fields that a flow offers
  #own = []; // fields that the visitor added

  constructor(api, hooks) {
    this.api = api;
    this.hooks = hooks;
    this.action = el("div", { class: "action" });
    this.own = el("div", { class: "own" });
    this.rest = el("div", { class: "rest" });
  }

  async start() {
    const [info] = await this.api.modules(["main"]);
    this.main = new Pane(info, this.api, this.hooks);
    this.main.fields.sort((a, b) => (b.name === "action") - (a.name === "action"));
    this.action.append(...elements(this.main.fields.slice(0, 1)));
    this.rest.append(...elements(this.main.fields.slice(1)));
  }

  // module is what is known of the chosen action.
  get module() {
    return this.main.fields[0].panes[0]?.info;
  }

  // place puts what depends on the visitor between the words about the action and its parameters.
  place(element) {
    this.main.fields[0].panes[0]?.slot.append(element);
  }

  // fields gives what can be filled in, the module's own parameters before those of all modules.
  *fields() {
    yield* walk(this.main.fields.slice(0, 1));
    yield* this.offered;
    yield* this.#own;
    yield* walk(this.main.fields.slice(1));
  }

  find(name) {
    return [...this.fields()].find((f) => f.name === name);
  }

  entries() {
    return [...this.fields()].flatMap((f) => f.entries());
  }

  // post says whether the call has to be posted: a module wants it, or something in it must not stand in an address.
  get post() {
    return [...modulesBelow(this.main.fields)].some((m) => m.mustbeposted) || this.entries().some((e) => e.sensitive);
  }

  // fill shows the call that params, a map, describe, and leaves in it what no module knows.
  async fill(params) {
    this.#own = [];
    this.own.replaceChildren();
    await this.main.fill(params);
  }

  // add gives the field for a name; one that no module tells of is made.
  add(name, value = null) {
    const there = this.find(name);
    if (there) {
      there.value = value;
      return there;
    }
    const field = new Field({
      name, kind: "text", value, sensitive: /pass|retype|token|secret/i.test(name),
      remove: () => {
        this.#own = this.#own.filter((f) => f !== field);
        field.element.remove();
        this.hooks.changed();
      },
    }, this.hooks.changed);
    this.#own.push(field);
    this.own.append(field.element);
    return field;
  }
}
