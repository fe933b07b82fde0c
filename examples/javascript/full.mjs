// Creates an account on a wiki that may ask for anything: a captcha, a visit elsewhere, a second factor. Needs Node 18 or later.
// usage: node full.mjs API-URL [FIELD=VALUE ...]     what is not given is asked for; the password may be in the environment as PASSWORD
import { execSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';

const [api, ...given] = process.argv.slice(2);
const known = Object.fromEntries(given.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
if (process.env.PASSWORD) known.password ??= process.env.PASSWORD; // answers, each used once
const lines = createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
const jar = new Map(); // keeps the cookies that token, captcha and creation belong to

// Some builds of Node 18 have no getSetCookie, and join the lines with commas, which dates have too.
const setCookies = headers => headers.getSetCookie?.() ?? headers.get('set-cookie')?.split(/, *(?=[^;, ]+=)/) ?? [];

async function visit(url, fields) {
  const response = await fetch(url, {
    method: fields ? 'POST' : 'GET',
    body: fields && new URLSearchParams(fields),
    headers: { 'cookie': [...jar].map(pair => pair.join('=')).join('; '), 'user-agent': 'full-example/1.0 (you@example.org)' },
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

// Posts the fields. A token may have gone stale: then once more with another.
async function create(fields) {
  for (let again = true; ; again = false) {
    const { tokens } = await query({ meta: 'tokens', type: 'createaccount' });
    const answer = await (await visit(api, { action: 'createaccount', ...json, ...fields, createtoken: tokens.createaccounttoken })).json();
    if (!answer.error) return answer.createaccount;
    if (answer.error.code !== 'badtoken' || !again) fail(`${answer.error.code}: ${answer.error.info}`);
  }
}

const counts = field => field.type === 'button' || field.type === 'checkbox'; // by being there

async function ask(name, field, optional) {
  if (name in known) {
    const answer = known[name];
    delete known[name];
    return answer;
  }
  const choices = Object.keys(field.options ?? {}).join(', ') || (counts(field) ? '1 = yes' : '');
  process.stdout.write(`${field.label}${choices && ` (${choices})`} [${name}${optional ? ', optional' : ''}] `);
  const tty = field.type === 'password' && process.stdin.isTTY;
  if (tty) execSync('stty -echo', { stdio: 'inherit' });
  const { value, done } = await lines.next();
  if (tty) execSync('stty echo', { stdio: 'inherit' });
  return done ? fail(`no answer for ${name}`) : value || (field.value ?? '');
}

async function show({ metadata }, field) {
  let asked = field.value || field.help;
  if (metadata.mime?.startsWith('image/')) {
    asked = new URL(asked, api);
    writeFileSync('captcha.png', Buffer.from(await (await visit(asked)).arrayBuffer()));
    asked = `captcha.png is ${asked}`;
  }
  console.log(asked);
}

// Answers every field by what it is, not by where it stands: what is to be read comes first.
async function fill(requests) {
  const out = {};
  let way = false; // of the requests that are primary-required one is enough; buttons are offered first
  const buttons = request => Object.values(request.fields).some(field => field.type === 'button');
  const place = ([name, field]) => (field.type === 'null' ? 0 : name === 'retype' ? 2 : 1);
  for (const request of [...requests].sort((a, b) => buttons(b) - buttons(a))) {
    const primary = request.required === 'primary-required';
    if (primary && way) continue;
    for (const [key, value] of Object.entries(request.metadata)) console.log(`${key}: ${value}`);
    for (const [name, field] of Object.entries(request.fields).sort((a, b) => place(a) - place(b))) {
      if (field.type === 'null') await show(request, field);
      else if (field.type === 'hidden') out[name] = field.value;
      else if (name === 'retype') out[name] = out.password ?? '';
      else if (!(name in out)) out[name] = await ask(name, field, field.optional || request.required !== 'required');
      way ||= primary && field.type === 'button' && out[name] !== '';
      if (!out[name] && (counts(field) || field.type === 'password')) delete out[name];
    }
  }
  return out;
}

// Where the browser comes back to: a port of this machine, under a path that nobody can guess (RFC 8252).
const path = `/${randomUUID()}`;
const home = createServer((request, response) => {
  const at = new URL(request.url, 'http://127.0.0.1');
  response.writeHead(at.pathname === path ? 200 : 404, { 'content-type': 'text/plain', 'connection': 'close' });
  response.end('Done here. Close this page and go back to the program.\n');
  if (at.pathname === path) home.emit('return', Object.fromEntries(at.searchParams));
}).listen(0, '127.0.0.1');
await once(home, 'listening');

let fields = await fill((await query({ meta: 'authmanagerinfo', amirequestsfor: 'create' })).authmanagerinfo.requests);
let step = await create({ ...fields, createreturnurl: `http://127.0.0.1:${home.address().port}${path}` });
while (step.status === 'UI' || step.status === 'REDIRECT') {
  if (step.status === 'REDIRECT') {
    console.log('Open this in your browser:', step.redirecttarget);
    [fields] = await once(home, 'return'); // all that the address got
  } else {
    console.log(step.message);
    fields = await fill(step.requests);
  }
  step = await create({ ...fields, createcontinue: 1 });
}
if (step.status !== 'PASS') fail(`${step.status} ${step.messagecode}: ${step.message}`);
console.log('created', step.username);
process.exit();
