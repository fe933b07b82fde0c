// Talks to api.php: what modules there are, tokens, and the call that the visitor puts together.

const plain = { format: "json", formatversion: "2", errorformat: "plaintext" };

// What is done here is counted apart from what programs do.
const counted = { "X-Gatehouse-Via": "sandbox" };

// A longer address is refused by some servers on the way; then the parameters go into the body.
const longestAddress = 2000;

export class Api {
  #modules = new Map();
  #tokens = new Map();

  constructor(address, language) {
    this.address = new URL(address, location.href).href;
    this.language = language;
  }

  // ask reads something for the sandbox itself, in the reader's language. What the server says against it is thrown.
  async ask(params) {
    const form = new URLSearchParams({ ...params, ...plain, uselang: this.language, errorlang: this.language });
    const data = await (await fetch(`${this.address}?${form}`, { headers: counted })).json();
    if (data.errors) throw new Error(data.errors.map((e) => e.text).join(" "));
    return data;
  }

  // modules gives what is known of modules, by path; those that the server does not know are missing.
  async modules(paths) {
    const wanted = paths.filter((path) => !this.#modules.has(path));
    if (wanted.length > 0) {
      const { paraminfo } = await this.ask({ action: "paraminfo", modules: wanted.join("|"), helpformat: "html" });
      for (const info of paraminfo.modules) this.#modules.set(info.path, info);
    }
    return paths.map((path) => this.#modules.get(path)).filter(Boolean);
  }

  // requests gives the fields that a flow can take now.
  async requests(purpose) {
    const data = await this.ask({ action: "query", meta: "authmanagerinfo", amirequestsfor: purpose, amimessageformat: "html" });
    return data.query.authmanagerinfo.requests || [];
  }

  async #token(type) {
    if (!this.#tokens.has(type)) {
      const data = await this.ask({ action: "query", meta: "tokens", type });
      this.#tokens.set(type, data.query.tokens[`${type}token`]);
    }
    return this.#tokens.get(type);
  }

  forgetTokens() {
    this.#tokens.clear();
  }

  // send makes the call. Tokens that are left to the sandbox are filled in; when they turn out to be stale, it fetches new
  // ones and tries once more.
  async send(entries, post) {
    const answer = await this.#once(entries, post);
    const stale = answer.headers.get("MediaWiki-API-Error") === "badtoken" && entries.some((e) => e.tokenType && !e.value);
    if (!stale) return answer;
    this.forgetTokens();
    return this.#once(entries, post);
  }

  async #once(entries, post) {
    const form = new URLSearchParams();
    for (const e of entries) form.append(e.name, e.tokenType && !e.value ? await this.#token(e.tokenType) : e.value);
    const method = post || `${form}`.length > longestAddress ? "POST" : "GET";
    const start = performance.now();
    const response = method === "POST"
      ? await fetch(this.address, { method, body: form, headers: counted })
      : await fetch(`${this.address}?${form}`, { headers: counted });
    const bytes = await response.arrayBuffer();
    return {
      method, status: response.status, headers: response.headers, size: bytes.byteLength, time: performance.now() - start,
      ...read(new TextDecoder().decode(bytes), response.headers),
    };
  }
}

// read gives the text of an answer, and what it says if it is JSON.
function read(text, headers) {
  if (!(headers.get("Content-Type") || "").startsWith("application/json")) return { text };
  try {
    return { text, data: JSON.parse(text) };
  } catch {
    return { text };
  }
}
