// Creates an account on any wiki. Needs Node 18 or later, nothing else.
// usage: node create_account.mjs API-URL NAME PASSWORD
const [api, name, password] = process.argv.slice(2);

const jar = new Map(); // keeps the cookie that the token belongs to

// Some builds of Node 18 have no getSetCookie, and join the lines with commas, which dates have too.
const setCookies = headers => headers.getSetCookie?.() ?? headers.get('set-cookie')?.split(/, *(?=[^;, ]+=)/) ?? [];

async function call(url, fields) {
  const response = await fetch(url, {
    method: fields ? 'POST' : 'GET',
    body: fields && new URLSearchParams(fields),
    headers: { cookie: [...jar].map(([key, value]) => `${key}=${value}`).join('; ') },
  });
  for (const line of setCookies(response.headers)) {
    const [pair] = line.split(';');
    const at = pair.indexOf('=');
    jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return response.json();
}

const { query } = await call(`${api}?action=query&meta=tokens&type=createaccount&format=json`);
console.log(JSON.stringify(await call(api, {
  action: 'createaccount',
  createtoken: query.tokens.createaccounttoken,
  username: name,
  password,
  retype: password,
  createreturnurl: 'http://example.org/',
  format: 'json',
})));
