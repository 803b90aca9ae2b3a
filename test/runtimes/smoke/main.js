// Runs the cases where this file is run: `node main.js <name of the runtime>`. Prints one line of JSON.
import { runCases } from './run-cases.js';

const unhandled = [];
process.on('unhandledRejection', (reason) => unhandled.push(reason));

console.log(JSON.stringify(await runCases(process.argv[2], unhandled)));
