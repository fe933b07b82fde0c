// mwn: makes an account, is refused the name a second time, signs in, reads who it is and the log.
// usage: mwn.mjs API NAME PASSWORD
import { Mwn } from 'mwn';

const [api, name, password] = process.argv.slice(2);
const bot = new Mwn({ apiUrl: api, userAgent: 'gatehouse tests', silent: true });

const made = await bot.createAccount(name, password);
const again = await bot.createAccount(name, password).catch(refusal => refusal.code);
await bot.login({ username: made.username, password });
const me = await bot.userinfo();
const { query: { logevents: [entry] } } = await bot.request({
	action: 'query', list: 'logevents', letype: 'newusers', letitle: `User:${made.username}`,
});

console.log(JSON.stringify({
	made: made.username, again, me: me.name, log: `${entry.action} ${entry.title} by ${entry.user}`,
}));
