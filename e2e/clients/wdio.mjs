// wdio-mediawiki: the API half of what Wikimedia's browser tests use. Its client signs in first, so the account that it
// makes has a maker; it follows no redirect and keeps a cookie whatever its lifetime.
// usage: wdio.mjs API NAME PASSWORD ADMIN ADMINPASSWORD
import { createApiClient } from 'wdio-mediawiki/Api.js';

const [api, name, password, admin, adminPassword] = process.argv.slice(2);
const baseUrl = api.replace(/\/api\.php$/, '');
globalThis.browser = { options: { baseUrl } }; // WebdriverIO's runner gives this object; no browser is driven here

const root = await createApiClient({ baseUrl, username: admin, password: adminPassword });
const { createaccount: made } = await root.createAccount(name, password);
const { createaccount: again } = await root.createAccount(name, password);

const user = await createApiClient({ baseUrl, username: made.username, password });
const { query: { userinfo: me, logevents: [entry] } } = await user.request({
	action: 'query', meta: 'userinfo', list: 'logevents', letype: 'newusers', letitle: `User:${made.username}`,
});
const wrong = await user.login(made.username, 'not this one').catch(refusal => refusal.message);

console.log(JSON.stringify({
	made: made.username, again: again.messagecode, me: me.name, log: `${entry.action} ${entry.title} by ${entry.user}`, wrong,
}));
