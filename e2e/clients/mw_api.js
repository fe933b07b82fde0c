// mw.Api in a browser's page: what a wiki's page gives it, and what it is asked to do. The page loads jQuery, this file and
// then MediaWiki's own files, unchanged; the test calls tell() when all of them are there.
'use strict';

// The frame: the few things that mw.Api takes from the page it runs in.
window.mw = {
	config: new Map([['wgServer', location.origin], ['wgUserName', null], ['wgUserLanguage', 'en'], ['wgVersion', '1.43.0']]),
	user: { tokens: { get: () => ({}) } },
	util: { wikiScript: name => `/w/${name}.php` },
	log: Object.assign(() => {}, { warn: () => {} }),
	track: () => {},
};

window.tell = async (name, password) => {
	const api = new mw.Api();
	const story = {};
	const create = async () => (await api.post({
		action: 'createaccount', username: name, password, retype: password,
		createreturnurl: 'http:' + mw.config.get('wgServer'), // as the documentation's sample has it: the scheme comes twice
		createtoken: await api.getToken('createaccount'),
	})).createaccount;

	const { username } = await create();
	story.made = username;
	story.again = (await create()).messagecode;
	story.unknownToken = Object.keys((await api.get({ meta: 'tokens', type: 'nothing' })).query.tokens).length;
	await api.getToken('csrf'); // a visitor's, which it keeps, and which is no use once someone is signed in

	story.signedIn = (await api.login(username, password)).login.lgusername;
	story.stranger = await api.get(api.assertCurrentUser({ meta: 'userinfo' })).then(() => '', code => code);
	mw.config.set('wgUserName', username);
	story.groups = (await api.getUserInfo()).groups;
	const { query } = await api.get(api.assertCurrentUser({
		meta: ['userinfo', 'tokens'], list: 'logevents', letype: 'newusers', letitle: `User:${username}`,
	}));
	const [entry] = query.logevents;
	story.messages = Object.keys(await api.getMessages(['userexists', 'no-such-message']));
	story.me = query.userinfo.name;
	story.log = `${entry.action} ${entry.title} by ${entry.user}`;

	// The kept token is refused; mw.Api fetches another and asks again.
	story.signedOut = Object.keys(await api.postWithToken('csrf', api.assertCurrentUser({ action: 'logout' })));
	story.left = await api.get(api.assertCurrentUser({ meta: 'userinfo' })).then(() => '', code => code);
	return story;
};
