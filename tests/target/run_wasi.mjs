// Runs a WASI program: node run_wasi.mjs PROGRAM
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';
const wasi = new WASI({ version: 'preview1', args: process.argv.slice(2), env: {}, returnOnExit: true });
const imports = wasi.getImportObject();
// Through functions of JavaScript: node 20 crashes when compiled WebAssembly whose memory has grown calls node's own
// functions directly.
for (const module of Object.values(imports))
    for (const [name, call] of Object.entries(module)) module[name] = (...values) => call(...values);
const { instance } = await WebAssembly.instantiate(await readFile(process.argv[2]), imports);
process.exitCode = wasi.start(instance);
