import { beforeEach, vi } from 'vitest';
import { busy, timeOfDrains } from './time-of-drains.js';

// The module binds the clock when it is loaded, so this has to be the first setup file.
vi.stubGlobal('performance', { now: timeOfDrains, nodeTiming: performance.nodeTiming });
await import('../../src/core/event-loop.js');
vi.unstubAllGlobals();

// Expires what drains measured in the previous test.
beforeEach(() => busy(1000));
