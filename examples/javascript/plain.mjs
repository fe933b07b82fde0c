// Creates an account on a wiki that asks for nothing special. Needs Node 18 or later, nothing else.
// usage: node plain.mjs API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
import { execSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const [api, ...given] = process.argv.slice(2);
const known = Object.fromEntries(given.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
const lines = createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
const jar = new Map(); // keeps the cookie that the token belongs to

// Some builds of Node 18 have no getSetCookie, and join the lines with commas, which dates have too.
const setCookies = headers => headers.getSetCookie?.() ?? headers.get('set-cookie')?.split(/, *(?=[^;, ]+=)/) ?? [];

async function visit(url, fields) {
  const response = await fetch(url, {
    method: fields ? 'POST' : 'GET',
    body: fields && new URLSearchParams(fields),
    headers: { 'cookie': [...jar].map(pair => pair.join('=')).join('; '), 'user-agent': 'plain-example/1.0 (you@example.org)' },
  });
  for (const line of setCookies(response.headers)) {
    const [pair] = line.split(';');
    jar.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1));
  }
  return response;
}

const json = { format: 'json', formatversion: 2 };
const query = async parameters => (await (await visit(`${api}?${new URLSearchParams({ action: 'query', ...json, ...parameters })}`)).json()).query;

function fail(why) {
  console.error(why);
  process.exit(1);
}

async function create(fields) {
  const answer = await (await visit(api, { action: 'createaccount', ...json, ...fields })).json();
  return answer.error ? fail(`${answer.error.code}: ${answer.error.info}`) : answer.createaccount;
}

async function ask(what, hide) {
  const tty = hide && process.stdin.isTTY;
  process.stdout.write(what);
  if (tty) execSync('stty -echo', { stdio: 'inherit' });
  const { value, done } = await lines.next();
  if (tty) execSync('stty echo', { stdio: 'inherit' });
  return done ? fail('no answer') : value;
}

// What does the wiki ask for?
const { authmanagerinfo, tokens } = await query({ meta: 'authmanagerinfo|tokens', amirequestsfor: 'create', type: 'createaccount' });
for (const request of authmanagerinfo.requests) {
  for (const [name, field] of Object.entries(request.fields)) {
    const asked = !['hidden', 'null'].includes(field.type) && !field.optional;
    if (request.required === 'required' && asked && name !== 'username') {
      fail(`This wiki asks for ${name}, which this program does not know. Try full.mjs.`);
    }
  }
}

// Fill in, and send.
const username = known.username ?? await ask('Username: ');
const password = process.env.PASSWORD ?? await ask('Password: ', true);
const outcome = await create({
  createtoken: tokens.createaccounttoken, createreturnurl: 'http://example.org/', username, password, retype: password,
});

// Look at the status.
if (outcome.status !== 'PASS') fail(`${outcome.status} ${outcome.messagecode}: ${outcome.message}`);
console.log('created', outcome.username);
process.exit();
