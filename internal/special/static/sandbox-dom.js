// The words of the sandbox and the elements made of them. Texts of the server and of the visitor become text nodes; markup()
// alone reads HTML, and keeps of it only what helps to read.

export const root = document.getElementById("sandbox");

const words = JSON.parse(root.dataset.words);

// say gives a text of the catalogue, with what stands for $1, $2 …
export const say = (key, ...values) => words[key].replace(/\$(\d)/g, (_, n) => values[n - 1]);

// el makes an element. Attributes that are false or missing are left out; those called on… are listeners.
export function el(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value != null) made.setAttribute(name, value);
  }
  made.append(...children.flat(Infinity).filter((child) => child != null && child !== false && child !== ""));
  return made;
}

const kept = new Set(["A", "B", "BR", "CODE", "DD", "DL", "DT", "EM", "I", "KBD", "LI", "OL", "P", "PRE", "SAMP", "STRONG", "UL", "VAR"]);
const dropped = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "IFRAME", "OBJECT", "SVG", "MATH", "TITLE", "TEXTAREA"]);
const policy = window.trustedTypes && window.trustedTypes.createPolicy("sandbox", { createHTML: (html) => html });

// markup reads HTML into a document that is never shown, and copies from there the plain elements, without attributes.
export function markup(html) {
  const read = new DOMParser().parseFromString(policy ? policy.createHTML(html) : html, "text/html");
  const out = document.createDocumentFragment();
  copy(read.body, out);
  return out;
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE || dropped.has(node.tagName.toUpperCase())) continue;
    let into = to;
    if (kept.has(node.tagName)) {
      into = to.appendChild(document.createElement(node.tagName));
      const address = node.tagName === "A" && webAddress(node.getAttribute("href"));
      if (address) into.href = address.href;
    }
    copy(node, into);
  }
}

// webAddress reads an address of the web; null for anything else, which must not become a link.
export function webAddress(text) {
  try {
    const address = new URL(text, location.href);
    return address.protocol === "https:" || address.protocol === "http:" ? address : null;
  } catch {
    return null;
  }
}

const lang = document.documentElement.lang;

// amount is a number with its unit, in the reader's language.
export const amount = (number, unit) =>
  new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(number);

export const clock = (date) => new Intl.DateTimeFormat(lang, { timeStyle: "medium" }).format(date);
