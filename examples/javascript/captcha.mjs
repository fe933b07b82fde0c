// Creates an account on a wiki that has a captcha. Needs Node 18 or later, nothing else.
// usage: node captcha.mjs API-URL [username=NAME]     the password: asked for, or in the environment as PASSWORD
import { execSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [api, ...given] = process.argv.slice(2);
const known = Object.fromEntries(given.map(pair => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
const lines = createInterface({ input: process.stdin, terminal: false })[Symbol.asyncIterator]();
const jar = new Map(); // keeps the cookies that token and captcha belong to

// Some builds of Node 18 have no getSetCookie, and join the lines with commas, which dates have too.
const setCookies = headers => headers.getSetCookie?.() ?? headers.get('set-cookie')?.split(/, *(?=[^;, ]+=)/) ?? [];

async function visit(url, fields) {
  const response = await fetch(url, {
    method: fields ? 'POST' : 'GET',
    body: fields && new URLSearchParams(fields),
    headers: { 'cookie': [...jar].map(pair => pair.join('=')).join('; '), 'user-agent': 'captcha-example/1.0 (you@example.org)' },
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

// Asks for the captcha, if there is one: wherever a field is called captchaId, whatever its request is called.
async function solve(requests) {
  for (const { fields, metadata } of requests) {
    if (!fields.captchaId) continue;
    let asked = fields.captchaInfo.value;
    if (metadata.mime?.startsWith('image/')) {
      asked = new URL(asked, api);
      writeFileSync('captcha.png', Buffer.from(await (await visit(asked)).arrayBuffer()));
      asked = `captcha.png is ${asked}`;
    }
    console.log(asked);
    return { captchaId: fields.captchaId.value, captchaWord: await ask('CAPTCHA [captchaWord] ') };
  }
  return {};
}

const username = known.username ?? await ask('Username [username] ');
const password = process.env.PASSWORD ?? await ask('Password [password] ', true);
for (;;) {
  const { authmanagerinfo, tokens } = await query({ meta: 'authmanagerinfo|tokens', amirequestsfor: 'create', type: 'createaccount' });
  const outcome = await create({
    createtoken: tokens.createaccounttoken, createreturnurl: 'http://example.org/', username, password, retype: password,
    ...await solve(authmanagerinfo.requests),
  });
  if (outcome.status === 'PASS') {
    console.log('created', outcome.username);
    process.exit();
  }
  console.error(`${outcome.status} ${outcome.messagecode}: ${outcome.message}`);
  if (outcome.messagecode !== 'captcha-createaccount-fail') process.exit(1); // else there is another to try: this one is spent
}
