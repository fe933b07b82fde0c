// The protocol's own programs on our challenges. Input: a list of {challenge, key, payload}, where payload is our solution.
// Output: for each what altcha-lib and the library of the widget make of it.
import { readFileSync } from "node:fs";
import { extractParams, solveChallenge, verifySolution } from "altcha-lib/v1";

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64");

async function judge({ challenge, key, payload }) {
	const { algorithm, salt, maxnumber, signature } = challenge;
	const solution = await solveChallenge(challenge.challenge, salt, algorithm, maxnumber).promise;
	const theirs = base64({ algorithm, challenge: challenge.challenge, number: solution.number, salt, signature, took: solution.took });
	return {
		number: solution.number,
		payload: theirs,
		ours: await verifySolution(payload, key),
		theirs: await verifySolution(theirs, key),
		otherKey: await verifySolution(payload, `${key}0`),
		otherNumber: await verifySolution({ algorithm, challenge: challenge.challenge, number: solution.number + 1, salt, signature }, key),
		params: extractParams(payload),
	};
}

const asked = JSON.parse(readFileSync(0, "utf8"));
console.log(JSON.stringify(await Promise.all(asked.map(judge))));
