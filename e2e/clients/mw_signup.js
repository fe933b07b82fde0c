// MediaWiki's script for the sign-up form, in a page with the form's fields. The page loads jQuery, mw_api.js, mw.Api and
// then this file; it fetches the script, which is in CommonJS as MediaWiki's loader takes it, and gives it what a page does.
'use strict';

mw.msg = key => `(${key})`;
mw.message = key => ({ parseDom: () => document.createTextNode(`(${key})`) });
mw.util.debounce = f => f; // no waiting for the next key
let enhance;
mw.hook = () => ({ add: f => { enhance = f; } });
$.fx.off = true;

const load = async (url, required) => {
	const module = { exports: {} };
	const source = await (await fetch(url)).text();
	new Function('module', 'exports', 'require', source)(module, module.exports, () => required);
	return module.exports;
};

// fillIn types into a field and gives what stands beside it when the server's answer is there: nothing, a warning or an error.
const fillIn = (field, value) => new Promise(resolve => {
	$(document).one('ajaxStop', () => setTimeout(() => {
		const box = $(field).next('.mw-message-box');
		resolve(box.length && box.text() ? [box.is('.mw-message-box-error') ? 'error' : 'warning', box.text()] : []);
	}));
	$(field).val(value).trigger('change');
});

window.tellForm = async (taken, free) => {
	await load('/frame/signup/signup.js', await load('/frame/signup/HtmlformChecker.js'));
	enhance($('form'));
	return {
		taken: await fillIn('#wpName2', taken),
		impossible: await fillIn('#wpName2', 'no#name'),
		rewritten: await fillIn('#wpName2', free.replace(' ', '_')),
		free: await fillIn('#wpName2', free),
		short: (await fillIn('#wpPassword2', 'short'))[0],
		same: (await fillIn('#wpPassword2', free))[0],
		good: await fillIn('#wpPassword2', 'Corr3ct-horse'),
	};
};
