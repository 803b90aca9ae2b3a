import { describe, expect, test } from 'vitest';
import {
  timelineToHtml,
  timelineToText,
  timelineToTraceEvents,
} from '../../src/observability/timeline/index.js';
import { madeTimeline } from './page/made-timeline.js';

describe.each([timelineToHtml, timelineToText, timelineToTraceEvents])('%o', (render) => {
  test.each([
    [undefined, 'Expected `timeline` to be a timeline from a recording, got undefined'],
    [{ operations: [] }, 'Expected `timeline` to be a timeline from a recording, got an instance of Object'],
    [{ ...madeTimeline(1), version: 2 }, 'Expected `timeline.version` to be 1, the only version'],
  ])('refuses what is no timeline that it knows: %#', (timeline, told) => {
    expect(() => render(timeline as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT',
        message: expect.stringContaining(told),
      }),
    );
  });

  test('takes one that went through JSON', () => {
    const timeline = madeTimeline(3);
    expect(render(JSON.parse(JSON.stringify(timeline)))).toEqual(render(timeline));
  });
});
