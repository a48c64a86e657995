// ALTCHA's work: the first counter whose derived key (PBKDF2 over nonce and counter) begins with the asked prefix.

const bytesOf = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

const derived = async ({ algorithm, nonce, salt, cost, keyLength }, counter) => {
  const start = bytesOf(nonce);
  const password = new Uint8Array(start.length + 4);
  password.set(start);
  new DataView(password.buffer).setUint32(start.length, counter);
  const key = await crypto.subtle.importKey("raw", password, "PBKDF2", false, ["deriveBits"]);
  const [name, hash] = algorithm.split("/");
  const work = { name, hash, salt: bytesOf(salt), iterations: cost };
  return hexOf(new Uint8Array(await crypto.subtle.deriveBits(work, key, keyLength * 8)));
};

const solved = async (challenge) => {
  const began = performance.now();
  for (let counter = 0; ; counter += 1) {
    const derivedKey = await derived(challenge.parameters, counter);
    if (!derivedKey.startsWith(challenge.parameters.keyPrefix)) continue;
    const solution = { counter, derivedKey, time: performance.now() - began };
    return btoa(JSON.stringify({ challenge, solution }));
  }
};

// An empty answer says that this browser cannot do it.
addEventListener("message", ({ data }) => solved(data).catch(() => "").then((answer) => postMessage(answer)));
