// Solves the challenge on standard input with altcha-lib and prints the payload.
import { readFileSync } from "node:fs";
import { solveChallenge } from "altcha-lib/v1";

const { algorithm, challenge, maxnumber, salt, signature } = JSON.parse(readFileSync(0, "utf8"));
const { number, took } = await solveChallenge(challenge, salt, algorithm, maxnumber).promise;
console.log(btoa(JSON.stringify({ algorithm, challenge, number, salt, signature, took })));
