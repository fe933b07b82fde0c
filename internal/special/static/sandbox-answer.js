// Shows an answer: what it means, how it came, and the text itself.

import { amount, el, say } from "./sandbox-dom.js";
import { shownMessage } from "./sandbox-flow.js";

// More than this is shown without colours, and more than ten times this is cut.
const longestColoured = 200_000;

const telling = [
  "Content-Type", "MediaWiki-API-Error", "MediaWiki-Login-Suppressed", "MediaWiki-CORS-Rejection", "Retry-After",
  "X-Request-Id", "Cache-Control", "Content-Disposition",
];

// verdictOf says what an answer means: a tone (good, bad, more or plain), a title, and words.
export function verdictOf(answer, module, format) {
  const { data, status, headers } = answer;
  const code = headers.get("MediaWiki-API-Error");
  if (code || status >= 400) return { tone: "bad", title: say("error", code || `HTTP ${status}`), words: errorText(data) };
  const said = data?.[module?.name];
  const title = { PASS: "pass", FAIL: "fail", UI: "ui", REDIRECT: "redirect", RESTART: "restart" }[said?.status];
  if (title) {
    const words = said.status === "PASS" ? passed(said, module) : shownMessage(said.message ?? said.messagecode, format);
    return { tone: { PASS: "good", FAIL: "bad" }[said.status] || "more", title: say(title), words, code: said.messagecode };
  }
  if (typeof said?.result === "string") return { tone: "plain", title: say("result", said.result), words: said.reason?.text ?? said.reason };
  return { tone: "plain", title: say("answered") };
}

function passed(said, module) {
  if (!said.username) return "";
  const query = new URLSearchParams({ action: "query", list: "users", ususers: said.username });
  return [say(module.name === "createaccount" ? "made" : "signed-in", said.username), " ",
    module.name === "createaccount" && el("a", { href: `#${query}` }, say("look-it-up"))];
}

const textOf = (e) => e.text ?? e.info ?? e["*"] ?? e.html ?? e.key ?? e.code;

function errorText(data) {
  const errors = data?.errors || (data?.error ? [data.error] : []);
  return errors.map((e) => String(textOf(e))).join(" ");
}

// warningsOf gives what the server warns of, in any of the error formats.
function warningsOf(data) {
  const { warnings } = data || {};
  if (Array.isArray(warnings)) return warnings.map((w) => `${w.module}: ${textOf(w)}`);
  return Object.entries(warnings || {}).map(([module, w]) => `${module}: ${w.warnings ?? w["*"]}`);
}

// paint writes a value as JSON into out, in colours.
function paint(value, out, indent = "") {
  const span = (kind, text) => out.append(el("span", { class: kind }, text));
  if (value === null || typeof value !== "object") {
    span(typeof value === "string" ? "s" : "n", JSON.stringify(value));
    return;
  }
  const list = Array.isArray(value), entries = Object.entries(value), deeper = `${indent}  `;
  if (entries.length === 0) {
    out.append(list ? "[]" : "{}");
    return;
  }
  out.append(list ? "[" : "{");
  entries.forEach(([name, member], i) => {
    out.append(i > 0 ? "," : "", "\n", deeper);
    if (!list) {
      span("k", JSON.stringify(name));
      out.append(": ");
    }
    paint(member, out, deeper);
  });
  out.append("\n", indent, list ? "]" : "}");
}

function body(answer) {
  const { data, text } = answer;
  if (data === undefined) return text.slice(0, longestColoured * 10);
  if (text.length > longestColoured) return JSON.stringify(data, null, 2).slice(0, longestColoured * 10);
  const out = document.createDocumentFragment();
  paint(data, out);
  return out;
}

export class AnswerView {
  constructor(place) {
    this.place = place;
  }

  // show gives the elements of an answer their place.
  show(answer, verdict) {
    const warnings = warningsOf(answer.data);
    const headers = telling.filter((name) => answer.headers.has(name)).map((name) => [
      el("dt", { dir: "ltr" }, name), el("dd", { dir: "ltr" }, answer.headers.get(name))]);
    this.place.replaceChildren(
      el("div", { class: `verdict ${verdict.tone}` },
        el("p", { class: "title" }, verdict.title),
        hasWords(verdict.words) && el("div", {}, verdict.words),
        verdict.code && el("p", { class: "hints" }, el("code", { dir: "ltr" }, verdict.code))),
      ...(warnings.length > 0 ? [el("div", { class: "warnings" }, el("p", { class: "title" }, say("warnings")), el("ul", {}, warnings.map((w) => el("li", {}, w))))] : []),
      el("p", { class: "came" },
        el("span", {}, `${answer.method} · HTTP ${answer.status}`), " · ",
        el("span", { class: "time" }, amount(answer.time, "millisecond")), " · ",
        el("span", { class: "size" }, amount(answer.size, "byte"))),
      el("details", { class: "headers" }, el("summary", {}, say("headers")), el("dl", { class: "facts" }, headers)),
      el("pre", { tabindex: "0", dir: "ltr", class: "json", role: "region", "aria-label": say("answer-text") }, el("code", {}, body(answer))));
  }

  // fail says that there is no answer.
  fail(error) {
    this.place.replaceChildren(el("div", { class: "verdict bad" },
      el("p", { class: "title" }, say("no-answer")), el("div", {}, error.message)));
  }
}

const hasWords = (words) => Array.isArray(words) || words instanceof Node || Boolean(words);
