// Writes a call as a program. A token is worth nothing without its cookie, so that programs fetch their own. Nothing in here
// needs a browser.

export const languages = { curl, python, javascript, go };

// codeFor writes the call { address, entries, post } in a language. Secrets become placeholders unless they are wanted.
export function codeFor(language, { address, entries, post }, withSecrets) {
  const types = [...new Set(entries.filter(fetched).map((e) => e.tokenType))];
  const variable = (type) => (types.length === 1 ? "token" : `${type}Token`);
  const params = entries.map((e) => fetched(e)
    ? { name: e.name, variable: variable(e.tokenType) }
    : { name: e.name, value: e.sensitive && e.value && !withSecrets ? placeholder(e) : wellFormed(e.value) });
  return languages[language]({ address, post, params, tokens: types.map((type) => ({ type, variable: variable(type) })) });
}

// wellFormed replaces half characters, as browsers do when they send a form.
const wellFormed = (text) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));

const fetched = (e) => Boolean(e.tokenType) && !e.value;

function placeholder({ name, tokenType }) {
  if (tokenType) return "YOUR_TOKEN";
  if (/pass|retype/i.test(name)) return "YOUR_PASSWORD";
  return `YOUR_${name.toUpperCase().replace(/[^A-Z0-9]+/g, "_")}`;
}

const tokenQuery = (type) => ({ action: "query", meta: "tokens", type, format: "json", formatversion: "2" });

// What nobody can see, and what terminals and editors act upon, is written as an escape.
const unseen = /[\p{C}\u2028\u2029]/gu;

function quoted(text, escapeLong) {
  return JSON.stringify(text).replace(unseen, (c) => {
    const code = c.codePointAt(0);
    return code > 0xffff ? escapeLong(code) : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

const longEscape = (code) => `\\U${code.toString(16).padStart(8, "0")}`;

// curl

const shellQuoted = (text) => (/^[\w.:/=-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function curlOption({ name, value, variable }) {
  const key = encodeURIComponent(name).replaceAll("'", "%27");
  if (variable) return `--data-urlencode "${key}=$${variable}"`;
  if (/^[\w.-]*$/.test(value)) return `-d ${shellQuoted(`${key}=${value}`)}`;
  if (value.search(unseen) >= 0) return `-d ${shellQuoted(`${key}=${encodeURIComponent(value).replaceAll("'", "%27")}`)}`;
  return `--data-urlencode ${shellQuoted(`${key}=${value}`)}`;
}

function curl({ address, post, params, tokens }) {
  const cookies = tokens.length > 0 ? " -c cookies.txt -b cookies.txt" : "";
  const lines = [`api=${shellQuoted(address)}`];
  for (const { type, variable } of tokens) {
    lines.push(
      `${variable}=$(curl -sS${cookies} "$api" \\`,
      `  -d action=query -d meta=tokens -d type=${type} -d format=json |`,
      "  sed 's/.*token\":\"\\([0-9a-f]*\\)+.*/\\1+\\\\/')");
  }
  lines.push([`curl -sS${post ? "" : " -G"}${cookies} "$api"`, ...params.map(curlOption)].join(" \\\n  "));
  return lines.join("\n") + "\n";
}

// Python

function python({ address, post, params, tokens }) {
  const text = (s) => quoted(s, longEscape);
  const value = (p) => p.variable || text(p.value);
  const dict = (rows) => `{\n${rows.map(([name, v]) => `    ${text(name)}: ${v},\n`).join("")}}`;
  const fetches = tokens.map(({ type, variable }) =>
    `${variable} = session.get(API, params=${dict(Object.entries(tokenQuery(type)).map(([n, v]) => [n, text(v)]))}`
    + `).json()["query"]["tokens"][${text(`${type}token`)}]\n`);
  const rows = [...grouped(params)].map(([name, list]) => [name, list.length > 1 ? `[${list.map(value).join(", ")}]` : value(list[0])]);
  return [
    "import requests\n", `API = ${text(address)}\n`, "session = requests.Session()\n", ...fetches,
    `answer = session.${post ? "post" : "get"}(API, ${post ? "data" : "params"}=${dict(rows)})\nprint(answer.text)\n`,
  ].join("\n");
}

function grouped(params) {
  const out = new Map();
  for (const p of params) out.set(p.name, [...(out.get(p.name) || []), p]);
  return out;
}

// JavaScript

function javascript({ address, post, params, tokens }) {
  const text = (s) => quoted(s, (code) => `\\u{${code.toString(16)}}`);
  const value = (p) => p.variable || text(p.value);
  const object = (list) => grouped(list).size === list.length
    ? `{\n${list.map((p) => `  ${key(p.name)}: ${value(p)},\n`).join("")}}`
    : `[\n${list.map((p) => `  [${text(p.name)}, ${value(p)}],\n`).join("")}]`;
  const key = (name) => (/^[a-z_]\w*$/i.test(name) && name !== "__proto__" ? name : `[${text(name)}]`);
  const query = (type) => object(Object.entries(tokenQuery(type)).map(([name, v]) => ({ name, value: v })));
  const fetches = tokens.map(({ type, variable }) =>
    `const ${variable} = JSON.parse(await call("GET", ${query(type)})).query.tokens[${text(`${type}token`)}];\n`);
  return [
    `const api = ${text(address)};\n`, tokens.length > 0 ? callWithCookie : callAlone, ...fetches,
    `console.log(await call("${post ? "POST" : "GET"}", ${object(params)}));\n`,
  ].join("\n");
}

const callAlone = `async function call(method, params) {
  const form = new URLSearchParams(params);
  const response = await fetch(method === "GET" ? \`\${api}?\${form}\` : api, {
    method, body: method === "GET" ? undefined : form,
  });
  return response.text();
}
`;

const callWithCookie = `let cookie = ""; // a token needs its cookie: a browser keeps it by itself, Node does not

async function call(method, params) {
  const form = new URLSearchParams(params);
  const response = await fetch(method === "GET" ? \`\${api}?\${form}\` : api, {
    method, body: method === "GET" ? undefined : form, headers: cookie ? { cookie } : {},
  });
  const set = response.headers.get("set-cookie"); // all of them in one line
  if (set) cookie = set.split(/, (?=[^ ;,]+=)/).map((c) => c.split(";")[0]).join("; ");
  return response.text();
}
`;

// Go

function go({ address, post, params, tokens }) {
  const text = (s) => quoted(s, longEscape);
  const withTokens = tokens.length > 0;
  const imports = ["io", "log", "net/http", "net/url", "os", ...(withTokens ? ["encoding/json", "net/http/cookiejar"] : [])].sort();
  const lines = [
    "package main", "", "import (", ...imports.map((i) => `\t"${i}"`), ")", "", `const api = ${text(address)}`, "", "func main() {",
    ...(withTokens ? ["\tjar, err := cookiejar.New(nil)", ...fatal("\t"), "\tclient := &http.Client{Jar: jar}"] : ["\tclient := http.DefaultClient"]),
    "\tform := url.Values{}",
    ...params.map((p) => `\tform.Add(${text(p.name)}, ${p.variable ? `fetchToken(client, ${text(typeOf(p, tokens))})` : text(p.value)})`),
    `\tanswer, err := client.${post ? "PostForm(api, form)" : 'Get(api + "?" + form.Encode())'}`, ...fatal("\t"),
    "\tdefer answer.Body.Close()", "\tif _, err := io.Copy(os.Stdout, answer.Body); err != nil {", "\t\tlog.Fatal(err)", "\t}", "}", "",
  ];
  return lines.join("\n") + (withTokens ? goToken : "");
}

const typeOf = (param, tokens) => tokens.find((t) => t.variable === param.variable).type;

const fatal = (indent) => [`${indent}if err != nil {`, `${indent}\tlog.Fatal(err)`, `${indent}}`];

const goToken = `
// fetchToken gets a token; the client's jar keeps the cookie that it needs.
func fetchToken(client *http.Client, kind string) string {
	query := url.Values{}
${Object.entries(tokenQuery("")).filter(([name]) => name !== "type").map(([name, value]) => `\tquery.Set("${name}", "${value}")\n`).join("")}\
	query.Set("type", kind)
	answer, err := client.Get(api + "?" + query.Encode())
	if err != nil {
		log.Fatal(err)
	}
	defer answer.Body.Close()
	var data struct {
		Query struct{ Tokens map[string]string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&data); err != nil {
		log.Fatal(err)
	}
	return data.Query.Tokens[kind+"token"]
}
`;
