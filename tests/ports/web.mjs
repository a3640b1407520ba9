// Runs the wasm32 program given, in Node.js.
import { readFileSync } from "node:fs";
let memory;
const say = (at, length, digest) => {
  const name = new TextDecoder().decode(new Uint8Array(memory.buffer, at, length));
  console.log(`${name} ${BigInt.asUintN(64, digest).toString(16).padStart(16, "0")}`);
};
const { instance } = await WebAssembly.instantiate(readFileSync(process.argv[2]), { host: { say } });
memory = instance.exports.memory;
instance.exports.lines();
