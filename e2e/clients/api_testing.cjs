// Wikimedia's api-testing under mocha, the way MediaWiki's own API tests use it: accounts as fixtures, made by an
// administrator, then asked about by a visitor. The configuration comes by API_TESTING_CONFIG_FILE.
'use strict';
const { action, assert, utils } = require('api-testing');

describe('accounts', () => {
	const visitor = action.getAnon();
	const prefix = utils.title('Zane');
	let root, members;

	before(async () => {
		root = await action.root();
		members = [];
		for (const end of ['a', 'b', 'c']) {
			members.push(await root.createAccount({ username: prefix + end, password: utils.uniq() }));
		}
	});

	it('come back with the names they were given', () => {
		assert.deepEqual(members.map(m => m.username), ['a', 'b', 'c'].map(end => prefix + end));
	});

	it('are listed by prefix, in order, with nothing but number and name', async () => {
		const listed = await visitor.list('allusers', { auprefix: prefix });
		assert.deepEqual(listed.map(u => u.name), members.map(m => m.username));
		listed.forEach(user => assert.sameMembers(Object.keys(user), ['userid', 'name']));
	});

	it('stand in the log under who made them', async () => {
		const entry = await visitor.getLogEntry({ letype: 'newusers', letitle: `User:${prefix}a` });
		assert.include(entry, { type: 'newusers', action: 'create2', title: `User:${prefix}a`, user: root.username });
	});

	it('sign in, and are told who they are', async () => {
		const own = await action.getAnon().account('Zane');
		const me = await own.meta('userinfo', {});
		assert.deepEqual([me.id, me.name], [own.userid, own.username]);
		assert.notEqual(await own.token(), '+\\');
	});

	it('are there for alice and bob as well', async () => {
		const [alice, bob] = [await action.alice(), await action.bob()];
		assert.notEqual(alice.userid, bob.userid);
	});

	it('cannot be made without a token', async () => {
		const error = await visitor.actionError('createaccount', { username: 'Nobody', createreturnurl: 'https://example.org/' }, true);
		assert.equal(error.code, 'notoken');
	});

	it('cannot be made twice', async () => {
		const { createaccount } = await visitor.action('createaccount', {
			username: members[0].username, password: 'Corr3ct-horse', retype: 'Corr3ct-horse',
			createreturnurl: 'https://example.org/', createtoken: await visitor.token('createaccount'),
		}, true);
		assert.include(createaccount, { status: 'FAIL', messagecode: 'userexists' });
	});
});
