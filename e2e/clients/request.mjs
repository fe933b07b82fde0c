// npm's request, as in the documentation's sample in JavaScript: a token, then an account. It sends no User-Agent.
// usage: request.mjs API NAME PASSWORD
import { promisify } from 'node:util';
import request from 'request';

const [api, name, password] = process.argv.slice(2);
const http = request.defaults({ jar: true, json: true });
const get = async qs => (await promisify(http.get)({ url: api, qs: { format: 'json', ...qs } })).body;
const post = async form => (await promisify(http.post)({ url: api, form: { format: 'json', ...form } })).body;

const { query: { tokens } } = await get({ action: 'query', meta: 'tokens', type: 'createaccount' });
const create = () => post({
	action: 'createaccount', username: name, password, retype: password,
	createreturnurl: 'https://example.org/', createtoken: tokens.createaccounttoken,
});
const { createaccount: made, ...beside } = await create();
const { createaccount: again } = await create();

const { query: { tokens: { logintoken } } } = await get({ action: 'query', meta: 'tokens', type: 'login' });
await post({ action: 'clientlogin', username: made.username, password, loginreturnurl: 'https://example.org/', logintoken });
const { query: { userinfo: me, logevents: [entry] } } = await get({
	action: 'query', meta: 'userinfo', list: 'logevents', letype: 'newusers', letitle: `User:${made.username}`,
});

console.log(JSON.stringify({
	made: made.username, again: again.messagecode, me: me.name, log: `${entry.action} ${entry.title} by ${entry.user}`,
	beside: Object.keys(beside),
}));
