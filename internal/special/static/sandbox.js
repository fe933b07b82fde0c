// Special:ApiSandbox. This file ties the parts together:
//
//	sandbox-dom.js      words and elements
//	sandbox-api.js      calls
//	sandbox-fields.js   one parameter
//	sandbox-form.js     all of a call, from action=paraminfo
//	sandbox-flow.js     the steps of creating an account and of signing in
//	sandbox-answer.js   what came back
//	sandbox-code.js     the call as a program

import { AnswerView, verdictOf } from "./sandbox-answer.js";
import { Api } from "./sandbox-api.js";
import { codeFor, languages } from "./sandbox-code.js";
import { amount, clock, el, root, say } from "./sandbox-dom.js";
import { Flow } from "./sandbox-flow.js";
import { Form } from "./sandbox-form.js";

const part = (name) => root.querySelector(`[data-part="${name}"]`);
const longestHistory = 50;

const api = new Api(root.dataset.api, document.documentElement.lang);
const hooks = {
  changed: () => changed(),
  loaded: (field) => {
    if (field.name === "action") offer();
    changed();
  },
  failed: (error) => announce(say("trouble", error.message)),
};
const form = new Form(api, hooks);
const flow = new Flow({ api, form, changed: hooks.changed, send: press, back: returnAddress });
const view = new AnswerView(part("answer"));

let ready = false; // calls are filled in whole before anything follows from them
let busy = false;
let language = "curl";

// returnAddress is where a third party sends the browser: here, with a word that says what it came from.
function returnAddress(action) {
  const address = new URL(root.dataset.return, location.href);
  address.searchParams.set("sandbox", action);
  return address.href;
}

function announce(words) {
  part("status").textContent = words;
}

const call = () => ({ address: api.address, entries: form.entries(), post: form.post });

// changed shows the call as it is now: how it will be sent, as a program, and as a link without its secrets.
function changed() {
  if (!ready) return;
  const now = call();
  part("method").textContent = `${now.post ? "POST" : "GET"} ${new URL(api.address).pathname}`;
  part("code").textContent = codeFor(language, now, part("secrets").checked);
  history.replaceState(null, "", `#${new URLSearchParams(lasting(now.entries))}`);
}

// lasting is what of a call may be linked to and kept.
const lasting = (entries) => entries.filter((e) => !e.sensitive && !e.once).map((e) => [e.name, e.value]);

function offer() {
  form.place(flow.element);
  if (ready) flow.offer(form.module).then(changed, hooks.failed);
}

// fill shows a call that a link or the history describes.
async function fill(params) {
  ready = false;
  const left = new Map(params);
  if (!left.has("action")) left.set("action", "createaccount");
  await form.fill(left);
  form.place(flow.element);
  await flow.offer(form.module);
  for (const [name, value] of left) form.add(name, value);
  ready = true;
  changed();
}

const keptQuery = ["title", "uselang"];

// arrived says whether a third party sent the visitor here, and gives the call that goes on from there.
function arrived() {
  const query = new URLSearchParams(location.search);
  const action = query.get("sandbox");
  if (!["createaccount", "clientlogin", "linkaccount"].includes(action)) return null;
  for (const name of ["sandbox", ...keptQuery]) query.delete(name);
  return new Map([["action", action], ...query]);
}

async function goOn(params) {
  const [info] = await api.modules([params.get("action")]);
  await fill([...params, [`${info.prefix}continue`, "1"]]);
  flow.welcome();
  announce(say("welcome-back"));
  const address = new URL(location.href); // what came with it is good for one use
  for (const name of [...address.searchParams.keys()]) if (!keptQuery.includes(name)) address.searchParams.delete(name);
  history.replaceState(null, "", address);
}

// send makes the call and goes to what follows from it: the next step, or the answer.
async function send() {
  if (busy) return;
  working(true);
  const sent = call(), module = form.module;
  try {
    const answer = await api.send(sent.entries, sent.post);
    const format = form.find(`${module?.prefix}messageformat`)?.value || "wikitext";
    const verdict = verdictOf(answer, module, format);
    view.show(answer, verdict);
    remember(sent, answer, verdict);
    const step = await flow.after(answer, module);
    announce(verdict.title);
    (step ? flow.heading : part("answer-heading")).focus();
  } catch (error) {
    view.fail(error);
    announce(say("no-answer"));
    part("answer-heading").focus();
  } finally {
    working(false);
    changed();
  }
}

// press sends what a button of the form stands for; it counts this once.
async function press(field) {
  await send();
  field.value = null;
  changed();
}

function working(on) {
  const button = part("send");
  busy = on;
  button.setAttribute("aria-disabled", String(on));
  button.textContent = say(on ? "sending" : "send");
}

function remember(sent, answer, verdict) {
  const params = lasting(sent.entries);
  const list = part("history");
  part("history-empty").hidden = true;
  list.prepend(el("li", {},
    el("button", { type: "button", class: "past", onclick: () => fill(params).then(() => part("call").focus(), hooks.failed) },
      el("span", {}, `${answer.method} ${new Map(params).get("action") || ""}`), " ",
      el("span", { class: `tone ${verdict.tone}` }, verdict.title)),
    el("span", { class: "when" }, clock(new Date()), " · ", amount(answer.time, "millisecond"))));
  while (list.children.length > longestHistory) list.lastChild.remove();
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    announce(say("copied"));
  } catch { // not on plain http: what is selected can be copied by hand
    getSelection().selectAllChildren(part("code"));
    announce(say("selected"));
  }
}

function chooseLanguage(name) {
  language = name;
  for (const button of part("languages").children) button.setAttribute("aria-pressed", String(button.dataset.language === name));
  changed();
}

const fromHash = () => new URLSearchParams(location.hash.slice(1));

async function start() {
  await form.start();
  part("action").append(form.action);
  part("own").append(form.own);
  part("rest").append(form.rest);
  const names = { curl: "curl", python: "Python", javascript: "JavaScript", go: "Go" };
  part("languages").append(...Object.keys(languages).map((name) =>
    el("button", { type: "button", "data-language": name, onclick: () => chooseLanguage(name) }, names[name])));
  chooseLanguage(language);
  const back = arrived();
  await (back ? goOn(back) : fill(fromHash()));
  part("waiting").hidden = true;
  part("work").hidden = false;
}

part("call").addEventListener("submit", (event) => {
  event.preventDefault();
  send();
});
part("add").addEventListener("click", () => {
  const name = part("add-name");
  if (!name.value) return name.focus();
  form.add(name.value).focus();
  name.value = "";
  changed();
});
part("add-name").addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault(); // it adds a field, and sends nothing
  part("add").click();
});
part("secrets").addEventListener("change", changed);
part("copy").addEventListener("click", () => copy(part("code").textContent));
window.addEventListener("hashchange", () => {
  fill(fromHash()).then(() => form.main.fields[0].focus(), hooks.failed);
});
start().catch((error) => {
  part("waiting").textContent = say("trouble", error.message);
});
