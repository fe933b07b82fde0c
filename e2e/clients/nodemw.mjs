// nodemw: makes an account, is refused the name a second time, signs in, reads who it is, the accounts and the log.
// usage: nodemw.mjs API NAME PASSWORD
import { promisify } from 'node:util';
import Bot from 'nodemw';

const [api, name, password] = process.argv.slice(2);
const { protocol, hostname, port, pathname } = new URL(api);
const bot = new Bot({ protocol: protocol.slice(0, -1), server: hostname, port, path: pathname.replace(/\/api\.php$/, '') });
const call = (params, method) => new Promise((resolve, reject) =>
	bot.api.call(params, (error, answer) => error ? reject(error) : resolve(answer), method));
const method = key => promisify(bot[key].bind(bot));

// nodemw has no method of its own for new accounts; its call() does what the program says.
const create = async () => {
	const { tokens } = await call({ action: 'query', meta: 'tokens', type: 'createaccount' }, 'GET');
	return call({
		action: 'createaccount', username: name, password, retype: password,
		createreturnurl: 'https://example.org/', createtoken: tokens.createaccounttoken,
	}, 'POST');
};
const made = await create();
const again = await create();

const signedIn = await method('logIn')(made.username, password);
const me = await method('whoami')();
const [found] = await method('whoare')([made.username]);
const version = await method('getMediaWikiVersion')();
const accounts = await method('getUsers')({ prefix: made.username });
const [entry] = await method('getLog')('newusers', '').then(entries => entries.filter(e => e.title === `User:${made.username}`));

console.log(JSON.stringify({
	made: made.username, again: again.messagecode, signedIn: signedIn.lgusername, me: me.name,
	log: `${entry.action} ${entry.title} by ${entry.user}`,
	whois: found.name, version: /^1\.\d+/.test(version), accounts: accounts.map(a => a.name),
}));
