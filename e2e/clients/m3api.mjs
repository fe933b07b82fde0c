// m3api: makes an account, is refused the name a second time, signs in, reads who it is and the log page by page.
// usage: m3api.mjs API NAME PASSWORD
import Session, { set } from 'm3api';

const [api, name, password] = process.argv.slice(2);
const warnings = [];
const session = new Session(api, { formatversion: 2, errorformat: 'plaintext' }, {
	userAgent: 'gatehouse tests',
	warn: warning => warnings.push(String(warning)), // m3api reports whatever a wiki warns of: nothing may come here
});

const create = () => session.request({
	action: 'createaccount', username: name, password, retype: password, createreturnurl: 'https://example.org/',
}, { method: 'POST', tokenType: 'createaccount', tokenName: 'createtoken' });

const { createaccount: made } = await create();
const { createaccount: again } = await create();
const { clientlogin: signedIn } = await session.request({
	action: 'clientlogin', username: made.username, password, loginreturnurl: 'https://example.org/',
}, { method: 'POST', tokenType: 'login', tokenName: 'logintoken' });
session.tokens.clear();

// Two programs' questions at one time become one call.
const [{ query: { userinfo } }, { query: { general } }] = await Promise.all([
	session.request({ action: 'query', meta: set('userinfo'), assert: 'user' }),
	session.request({ action: 'query', meta: set('siteinfo'), siprop: set('general') }),
]);

let entry, pages = 0;
for await (const { query } of session.requestAndContinue({
	action: 'query', list: set('logevents'), letype: 'newusers', lelimit: 1, leprop: ['title', 'type', 'user'],
})) {
	pages++;
	entry ??= query.logevents.find(({ title }) => title === `User:${made.username}`);
}

// A list whose value has a bar goes over in the other notation.
const { query: { users } } = await session.request({ action: 'query', list: 'users', ususers: [made.username, 'no|name'] });

const refused = await session.request({ action: 'query', assert: 'bot' }).catch(refusal => refusal.errors[0].code);
await session.request({ action: 'logout' }, { method: 'POST', tokenType: 'csrf' });
const left = await session.request({ action: 'query', assert: 'user' }).catch(refusal => refusal.errors[0].code);

console.log(JSON.stringify({
	made: made.username, again: again.messagecode, signedIn: signedIn.username, me: userinfo.name,
	log: `${entry.action} ${entry.title} by ${entry.user}`, continued: pages > 1,
	generator: /^MediaWiki 1\.\d+\.\d+/.test(general.generator), users: users.map(u => u.userid > 0 ? u.name : Object.keys(u).pop()),
	refused, left, warnings,
}));
