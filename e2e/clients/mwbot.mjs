// mwbot: makes an account, is refused the name a second time, signs in, reads who it is and the log. It posts everything,
// with format=json in the address and all else in the body, and signs in without a token at first.
// usage: mwbot.mjs API NAME PASSWORD
import MWBot from 'mwbot';

const [api, name, password] = process.argv.slice(2);
const bot = new MWBot({ apiUrl: api, silent: true });

await bot.getCreateaccountToken();
const create = () => bot.request({
	action: 'createaccount', createreturnurl: 'https://example.org/', createtoken: bot.createaccountToken,
	username: name, password, retype: password,
});
const { createaccount: made } = await create();
const { createaccount: again } = await create();

const state = await bot.login({ username: made.username, password });
const { query: { userinfo: me } } = await bot.request({ action: 'query', meta: 'userinfo' });
const { query: { logevents: [entry] } } = await bot.request({
	action: 'query', list: 'logevents', letype: 'newusers', letitle: `User:${made.username}`,
});
const refused = await bot.request({ action: 'query', assert: 'bot' }).catch(refusal => refusal.code);

console.log(JSON.stringify({
	made: made.username, again: again.messagecode, signedIn: state.lgusername, me: me.name,
	log: `${entry.action} ${entry.title} by ${entry.user}`, version: bot.mwversion.major, refused,
}));
