// mwn: makes an account, is refused the name a second time, signs in, mends a spoiled token, reads who it is and the log.
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

// mwn meets badtoken by asking action=paraminfo which kind of token the module takes, and fetching it. Its word about
// that goes to standard output, so the story is told last.
await bot.request({ action: 'logout', token: 'spoiled+\\' });
const after = await bot.userinfo();

console.log(JSON.stringify({
	made: made.username, again, me: me.name, log: `${entry.action} ${entry.title} by ${entry.user}`, signedOut: 'anon' in after,
}));
