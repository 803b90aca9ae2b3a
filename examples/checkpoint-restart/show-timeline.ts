import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { timelineToHtml, timelineToText } from 'deferqueue/timeline';
import type { Timeline } from 'deferqueue/timeline';

/** Rows of the tree in the terminal; the page has all. */
const limit = 40;

/** Prints what was recorded and writes it as a page. */
export const showTimeline = async (timeline: Timeline, title: string, page: string): Promise<void> => {
  console.log(`\nWhen each part of it ran: ${title}`);
  console.log(timelineToText(timeline, { stream: process.stdout, limit }));
  await mkdir(path.dirname(page), { recursive: true });
  await writeFile(page, timelineToHtml(timeline, { title }));
  console.log(`The same to look at in a browser: ${path.relative('', page)}`);
};
