#!/usr/bin/env -S npx tsx
import { runCommand } from './command.js';
import { Fault, exitStatus } from './exit-status.js';
import { Progress } from './progress.js';

const interrupt = new AbortController();
// Once: a second Ctrl-C ends the process at once.
process.once('SIGINT', () => interrupt.abort(new Fault(exitStatus.interrupted, 'interrupted')));
process.once('SIGTERM', () => interrupt.abort(new Fault(exitStatus.terminated, 'terminated')));

process.exitCode = await runCommand(process.argv.slice(2), interrupt.signal, new Progress());
