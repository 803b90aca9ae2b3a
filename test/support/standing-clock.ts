import { beforeEach, vi } from 'vitest';
import { busy, timeOfDrains } from './time-of-drains.js';

// The module binds the clock when it is loaded. This has to be the first of the setup files.
vi.stubGlobal('performance', { now: timeOfDrains, nodeTiming: performance.nodeTiming });
await import('../../src/core/event-loop.js');
vi.unstubAllGlobals();

// What drains found out in the test before is old by then.
beforeEach(() => busy(1000));
