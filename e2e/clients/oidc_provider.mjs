// A certified OpenID Connect provider, which signs in whoever writes a name. Arguments: the client's id, its secret, and the
// addresses it may be sent back to. It prints its issuer when it answers.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [clientId, clientSecret, ...redirectUris] = process.argv.slice(2);
let answer;
const server = createServer((request, response) => answer(request, response));
server.listen(0, "127.0.0.1", () => {
	const issuer = `http://127.0.0.1:${server.address().port}`;
	const provider = new Provider(issuer, {
		clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: redirectUris }],
		claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["preferred_username"] },
		pkce: { required: () => true },
		cookies: { keys: ["only for tests"] },
		findAccount: (_, id) => ({
			accountId: id,
			claims: () => ({ sub: id, preferred_username: id, email: `${id}@example.net`, email_verified: true }),
		}),
	});
	answer = provider.callback();
	console.log(issuer);
});
