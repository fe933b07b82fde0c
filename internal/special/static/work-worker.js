// Tries number after number until SHA-256 of the salt and the number is the challenge. Its own SHA-256, because the browser's
// takes longer to be asked than to answer, and is missing on plain http.
"use strict";

const constants = new Int32Array(64), initial = new Int32Array(8);
{
  // The first bits of the fractions of cube and square roots of the first primes.
  const bits = (x) => ((x - Math.floor(x)) * 2 ** 32) | 0;
  for (let n = 2, found = 0; found < 64; n++) {
    let prime = true;
    for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false;
    if (!prime) continue;
    if (found < 8) initial[found] = bits(Math.sqrt(n));
    constants[found++] = bits(Math.cbrt(n));
  }
}

const schedule = new Int32Array(64);

// compress takes the block of 64 bytes at offset into state.
function compress(state, bytes, offset) {
  const w = schedule;
  for (let i = 0; i < 16; i++) {
    const at = offset + i * 4;
    w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
  }
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15], y = w[i - 2];
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + constants[i] + w[i]) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  state[0] += a; state[1] += b; state[2] += c; state[3] += d; state[4] += e; state[5] += f; state[6] += g; state[7] += h;
}

// solve looks through start, start + step, … up to most.
function solve({ salt, challenge, most, start, step }, tell) {
  const wanted = new Int32Array(8);
  for (let i = 0; i < 8; i++) wanted[i] = parseInt(challenge.slice(i * 8, i * 8 + 8), 16) | 0;
  const prefix = new TextEncoder().encode(salt);
  const whole = prefix.length - (prefix.length % 64), rest = prefix.length - whole;
  const before = initial.slice();
  for (let i = 0; i < whole; i += 64) compress(before, prefix, i);

  const tail = new Uint8Array(128), state = new Int32Array(8);
  tail.set(prefix.subarray(whole));
  for (let n = start, tried = 0; n <= most; n += step) {
    const digits = String(n);
    for (let i = 0; i < digits.length; i++) tail[rest + i] = digits.charCodeAt(i);
    const end = rest + digits.length, size = end + 9 > 64 ? 128 : 64;
    tail.fill(0, end, size);
    tail[end] = 0x80;
    const bits = (whole + end) * 8;
    tail[size - 4] = bits >>> 24; tail[size - 3] = bits >>> 16; tail[size - 2] = bits >>> 8; tail[size - 1] = bits;
    state.set(before);
    compress(state, tail, 0);
    if (size === 128) compress(state, tail, 64);
    if (state[0] === wanted[0] && state.every((word, i) => word === wanted[i])) return n;
    if (++tried % 20000 === 0) tell(tried);
  }
  return undefined;
}

onmessage = ({ data }) => {
  const found = solve(data, (tried) => postMessage({ tried }));
  postMessage(found === undefined ? { done: true } : { found });
};
