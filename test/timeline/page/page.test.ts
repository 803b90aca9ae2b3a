import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { timelineToHtml } from '../../../src/observability/timeline/index.js';
import type { HtmlOptions, Timeline } from '../../../src/observability/timeline/index.js';
import { madeTimeline } from './made-timeline.js';

const executablePath = ['chromium', 'chromium-browser', 'google-chrome']
  .map((name) => `/usr/bin/${name}`)
  .find((path) => existsSync(path));

const folder = mkdtempSync(join(tmpdir(), 'deferqueue-page-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe.skipIf(executablePath === undefined)('the page in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: executablePath!, args: ['--no-sandbox'] });
  }, 60_000);
  afterAll(() => browser.close());

  interface Opened {
    readonly page: Page;
    /** What was asked for beside the page itself. */
    readonly requests: string[];
    /** What the browser complained about. */
    readonly complaints: string[];
  }

  const open = async (
    timeline: Timeline,
    context: BrowserContextOptions = {},
    options?: HtmlOptions,
  ): Promise<Opened> => {
    const file = join(folder, `${Math.random()}.html`);
    writeFileSync(file, timelineToHtml(timeline, options));
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 }, ...context });
    onTestFinished(() => page.close());
    const requests: string[] = [];
    const complaints: string[] = [];
    page.on('request', (request) => {
      if (request.url() !== pathToFileURL(file).href) requests.push(request.url());
    });
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(pathToFileURL(file).href);
    return { page, requests, complaints };
  };

  const rowOf = (page: Page, name: string): Locator =>
    page.getByRole('row').filter({ hasText: new RegExp(`"${name}"(?: #\\d+)?(?!\\d)`) });
  const focused = (page: Page): Promise<string> =>
    page.locator(':focus .label').textContent({ timeout: 5000 }).then(String);
  const press = async (page: Page, ...keys: string[]): Promise<void> => {
    for (const key of keys) await page.keyboard.press(key);
  };
  /** Clicks the first row, so that keys act there. */
  const begin = (page: Page): Promise<void> => page.locator('#rows .row .label').first().click();

  test.each([10, 1000, 50_000])('shows %i works and draws those in sight', async (count) => {
    const { page, requests, complaints } = await open(madeTimeline(count), {}, { title: 'Import' });
    const rows = count + Math.ceil(count / 100) + 1;
    await expect.poll(() => page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe(String(rows + 1));
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Import');
    expect(await page.title()).toBe('Import');
    expect(await page.locator('#about').textContent()).toContain(`${count} work items, ${count / 10} failed`);
    expect(await page.locator('#rows .row').count()).toBeLessThanOrEqual(Math.min(rows, 60));

    await begin(page);
    await press(page, 'End');
    expect(await focused(page)).toBe(`"work ${count}"`);
    expect(await page.locator(':focus').getAttribute('aria-rowindex')).toBe(String(rows + 1));
    expect(await page.locator(':focus').boundingBox()).toMatchObject({ height: 26 });
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
  });

  test('loads nothing, not even what a script in it would ask for', async () => {
    const { page, complaints } = await open(madeTimeline(10));
    const asked = `fetch('http://127.0.0.1:9/').then(() => 'loaded', () => 'refused')`;
    expect(await page.evaluate(asked)).toBe('refused');
    expect(complaints.join('\n')).toContain('Content Security Policy');
  });

  test('shows what names and reasons have in them as text', async () => {
    const hostile = `</script><script>globalThis.owned = 1</script><img src=x onerror="owned = 2">&amp;<!--`;
    const { works, ...others } = madeTimeline(10);
    const timeline = { ...others, works: works.map((work) => ({ ...work, name: hostile, reason: hostile })) };
    const { page, requests, complaints } = await open(timeline, {}, { title: hostile });
    expect(await page.title()).toBe(hostile);
    expect(await page.locator('#rows .label').nth(2).textContent()).toBe(JSON.stringify(hostile));
    await page.locator('#rows .row').nth(2).hover();
    expect(await page.locator('#tip').textContent()).toContain(hostile);
    expect(await page.evaluate('globalThis.owned')).toBeUndefined();
    expect({ requests, complaints }).toEqual({ requests: [], complaints: [] });
  });

  test('bars stand where their times are', async () => {
    const { page } = await open(madeTimeline(10));
    const axis = (await page.locator('#axis').boundingBox())!;
    const share = async (bar: Locator): Promise<number[]> => {
      const { x, width } = (await bar.boundingBox())!;
      return [(x - axis.x) / axis.width, width / axis.width];
    };
    const [first, second] = [
      rowOf(page, 'import').locator('.first'),
      rowOf(page, 'import').locator('.second'),
    ];
    expect(await share(first)).toEqual([expect.closeTo(0, 2), expect.closeTo(0.9, 2)]);
    expect(await share(second)).toEqual([expect.closeTo(0.9, 2), expect.closeTo(0.1, 2)]);
    const half = page.locator('.tick', { hasText: '400 ms' });
    expect((await share(half))[0]).toBeCloseTo(0.4, 2);
    const header = (await page.locator('.head .state').boundingBox())!;
    const cell = (await rowOf(page, 'import').locator('.state').boundingBox())!;
    expect(cell).toMatchObject({ x: header.x, width: header.width });
  });

  test('arrows go through the rows, fold and unfold them, and the focus stays in sight', async () => {
    const { page } = await open(madeTimeline(1000));
    await page.locator('#filter').focus();
    await page.evaluate(
      "addEventListener('keydown', (event) => { globalThis.kept = event.defaultPrevented; })",
    );
    await press(page, 'ArrowDown');
    expect(await focused(page)).toBe('"import" #1');
    expect(await page.evaluate('kept'), 'the rows do not scroll').toBe(true);
    await press(page, 'ArrowDown');
    expect(await focused(page)).toBe('"batch 1" #2');
    await press(page, 'ArrowLeft');
    expect(await page.locator(':focus').getAttribute('aria-expanded')).toBe('false');
    await press(page, 'ArrowDown');
    expect(await focused(page)).toBe('"batch 2" #3');
    await press(page, 'ArrowUp', 'ArrowRight');
    expect(await page.locator(':focus').getAttribute('aria-expanded')).toBe('true');
    await press(page, 'ArrowRight');
    expect(await focused(page)).toBe('"work 1"');
    expect(await page.locator(':focus').getAttribute('aria-level')).toBe('3');
    await press(page, 'ArrowLeft', 'ArrowLeft', 'ArrowLeft');
    expect(await focused(page)).toBe('"import" #1');
    await press(page, 'PageDown', 'PageDown');
    const active = await focused(page);
    await page.locator('#scroller').evaluate((element) => {
      element.scrollTop = 9000;
    });
    await expect.poll(() => rowOf(page, 'work 450').count()).toBe(1);
    expect(await focused(page), 'out of sight').toBe(active);
    await press(page, 'Home');
    expect(await page.locator('#scroller').evaluate((element) => element.scrollTop)).toBe(0);
    // One row only takes part in the order of Tab.
    expect(await page.locator('#rows [tabindex="0"]').count()).toBe(1);
  });

  test('a click on the sign before a name folds it, and a button folds all', async () => {
    const { page } = await open(madeTimeline(1000));
    const batch = page.getByRole('row').filter({ hasText: '"batch 1" #2' });
    await batch.locator('.twisty').click();
    expect(await batch.getAttribute('aria-expanded')).toBe('false');
    expect(await rowOf(page, 'work 1').count()).toBe(0);
    expect(await rowOf(page, 'work 101').count()).toBe(1);
    await page.getByRole('button', { name: 'Fold all' }).click();
    expect(await page.locator('#rows .row').count()).toBe(1);
    await page.getByRole('button', { name: 'Unfold all' }).click();
    expect(await page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('1012');
  });

  test('the filter leaves what matches and what it is below, and says how much', async () => {
    const { page } = await open(madeTimeline(1000));
    await page.getByRole('searchbox').fill('failed ROW 77');
    await expect.poll(() => page.locator('#found').textContent()).toBe('1 row found');
    expect(await page.locator('#rows .label').allTextContents()).toEqual([
      '"import" #1',
      '"batch 8" #9',
      '"work 770"',
    ]);
    await page.getByRole('searchbox').fill('nowhere');
    await expect.poll(() => page.locator('#found').textContent()).toBe('0 rows found');
    expect(await page.locator('#rows .row').count()).toBe(0);
    expect(await page.getByText('No row matches').isVisible()).toBe(true);
    expect(await page.getByRole('region', { name: 'Details' }).count()).toBe(0);
    await press(page, 'Escape');
    await expect.poll(() => page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('1012');
    expect(await page.getByText('No row matches').isVisible()).toBe(false);
    expect(await page.getByRole('region', { name: 'Details' }).isVisible()).toBe(true);
    expect(await page.locator('#found').textContent()).toBe('');
  });

  test('goes from failure to failure, also into what is folded, and tells its reason', async () => {
    const { page } = await open(madeTimeline(1000));
    await page.getByRole('button', { name: 'Fold all' }).click();
    await page.getByRole('button', { name: 'Next failure' }).click();
    expect(await focused(page)).toBe('"work 10"');
    await press(page, 'f');
    expect(await focused(page)).toBe('"work 20"');
    await press(page, 'Shift+F', 'Shift+F');
    expect(await focused(page), 'the last one').toBe('"work 1000"');
    const details = page.getByRole('region', { name: 'Details' });
    expect(await details.textContent()).toContain('"work 1000" failed');
    expect(await details.textContent()).toContain('Error: row 1000');
    expect(await details.textContent()).toContain('at load (/srv/app/load.js:12:3)');
  });

  test('zooms and moves by keys, buttons, wheel and pointer, within the whole', async () => {
    const { page } = await open(madeTimeline(1000));
    const range = page.locator('#range');
    const becomes = async (text: string | RegExp): Promise<void> => {
      await expect.poll(() => range.textContent(), { message: String(text) }).toMatch(text);
    };
    await becomes('from 0.00 ms to 1000 ms');
    await begin(page);
    await press(page, '+');
    await becomes('from 250 ms to 750 ms');
    await press(page, 'Shift+ArrowRight');
    await becomes('from 350 ms to 850 ms');
    await press(page, 'Shift+ArrowRight', 'Shift+ArrowRight');
    await becomes('from 500 ms to 1000 ms');
    await press(page, 'Shift+ArrowLeft', '-');
    await becomes('from 0.00 ms to 1000 ms');
    await page.getByRole('button', { name: 'Zoom in' }).click();
    await becomes('from 250 ms to 750 ms');
    await page.getByRole('button', { name: 'Zoom out' }).click();
    await becomes('from 0.00 ms to 1000 ms');

    const axis = (await page.locator('#axis').boundingBox())!;
    await page.mouse.move(axis.x + 1, axis.y + 100);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -100);
    await page.keyboard.up('Control');
    await becomes(/^from 0\.\d\d ms to 6\d\d ms$/);
    await page.getByRole('button', { name: 'Whole time' }).click();
    await becomes('from 0.00 ms to 1000 ms');

    const overview = (await page.locator('#overview').boundingBox())!;
    await page.mouse.move(overview.x + overview.width / 2, overview.y + 20);
    await page.mouse.down();
    await page.mouse.move(overview.x + overview.width, overview.y + 20, { steps: 4 });
    await page.mouse.up();
    await becomes(/^from (500|499) ms to 1000 ms$/);
    await page.mouse.move(axis.x + 10, axis.y + 100);
    await page.mouse.down();
    await page.mouse.move(axis.x + 10 + axis.width / 2, axis.y + 100, { steps: 4 });
    await page.mouse.up();
    await becomes(/^from 2(50|49) ms to 7(50|49) ms$/);

    await page.locator('#rows .row .label').nth(2).dblclick();
    await becomes('from 0.00 ms to 56.10 ms');
    await press(page, '0');
    await becomes('from 0.00 ms to 1000 ms');
  });

  test('tells of the row under the pointer until Escape', async () => {
    const { page } = await open(madeTimeline(10));
    await rowOf(page, 'work 10').hover();
    const tip = page.locator('#tip');
    expect(await tip.textContent()).toBe(
      '"work 10"failedfrom 4.50 ms: waited 54.50 ms, then ran 1.00 msError: row 10deferred at load (/srv/app/load.js:12:3)',
    );
    await begin(page);
    await rowOf(page, 'work 3').hover();
    await press(page, 'Escape');
    expect(await tip.isVisible()).toBe(false);
  });

  test('a key hides what is told of the row under the pointer, which may be another one then', async () => {
    const { page } = await open(madeTimeline(1000));
    await begin(page);
    await rowOf(page, 'work 3').hover();
    const tip = page.locator('#tip');
    expect(await tip.isVisible()).toBe(true);
    await press(page, 'End');
    expect(await tip.isVisible()).toBe(false);
  });

  test.each([360, 700, 1280])('no number of the axis is cut off at %i pixels', async (width) => {
    const { page } = await open(
      { ...madeTimeline(10), duration: 1005 },
      { viewport: { width, height: 720 } },
    );
    await expect.poll(() => page.locator('.tick').count()).toBeGreaterThan(1);
    const axis = (await page.locator('#axis').boundingBox())!;
    const ends: number[] = [];
    for (const tick of await page.locator('.tick:not(:empty)').all()) {
      const box = (await tick.boundingBox())!;
      ends.push(box.x + box.width);
    }
    expect(ends.length).toBeGreaterThan(0);
    expect(Math.max(...ends)).toBeLessThanOrEqual(axis.x + axis.width);
    // Where there is no room for the number, there is the line still.
    expect(await page.locator('.line').count()).toBe(await page.locator('.tick').count());
  });

  test('one very long name does not take the room of the bars', async () => {
    const { works, ...others } = madeTimeline(100);
    const long = { ...works[0]!, name: 'x'.repeat(500) };
    const { page } = await open({ ...others, works: [long, ...works.slice(1)] });
    const { width } = (await page.locator('.head .name').boundingBox())!;
    expect(width).toBeLessThan(250);
  });

  test('a screen reader hears why a row failed, where it is', async () => {
    const { page } = await open(madeTimeline(10));
    const cells = rowOf(page, 'work 10').getByRole('gridcell');
    expect(await cells.allTextContents()).toEqual([
      expect.stringContaining('"work 10"'),
      'failed',
      '1.00 ms',
      'from 4.50 ms: waited 54.50 ms, then ran 1.00 msError: row 10',
    ]);
  });

  test('prints rows that are not in sight, without the tools, and says how many more there are', async () => {
    const { page } = await open(madeTimeline(2000), { colorScheme: 'dark' });
    await page.emulateMedia({ media: 'print' });
    const dispatch = (type: string): Promise<unknown> => page.evaluate(`dispatchEvent(new Event('${type}'))`);
    await dispatch('beforeprint');
    expect(await page.locator('#rows .row').count()).toBe(1000);
    expect(await page.getByText('and 1021 more rows').isVisible()).toBe(true);
    expect(await page.getByRole('searchbox').count()).toBe(0);
    const [one, next] = [rowOf(page, 'work 700'), rowOf(page, 'work 701')];
    expect((await next.boundingBox())!.y).toBeGreaterThan((await one.boundingBox())!.y);
    expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe('rgb(255, 255, 255)');
    await dispatch('afterprint');
    await page.emulateMedia({ media: 'screen' });
    await expect.poll(() => page.locator('#rows .row').count()).toBeLessThan(60);
  });

  test('says that nothing was recorded', async () => {
    const { page, complaints } = await open({
      ...madeTimeline(0),
      duration: 0,
      operations: [],
    });
    expect(await page.getByText('Nothing was recorded.').isVisible()).toBe(true);
    expect(await page.getByRole('treegrid').count()).toBe(0);
    expect(await page.getByRole('region', { name: 'Details' }).count()).toBe(0);
    await page.getByRole('button', { name: 'Next failure' }).click();
    expect(await page.locator('#found').textContent()).toBe('Nothing failed');
    expect(complaints).toEqual([]);
  });

  test('is a text where scripts are off', async () => {
    const { page } = await open(madeTimeline(10), { javaScriptEnabled: false });
    expect(await page.locator('body').innerText()).toContain('"work 10"');
  });

  test.each([
    ['light', 1280],
    ['dark', 1280],
    ['light', 360],
    ['dark', 360],
  ] as const)(
    'has nothing that a checker of accessibility objects to: %s, %i pixels',
    async (colorScheme, width) => {
      // The checker is a script of its own.
      const context = { colorScheme, viewport: { width, height: 740 }, bypassCSP: true };
      const { page } = await open(madeTimeline(100), context);
      await page.getByRole('button', { name: 'Next failure' }).click();
      await page.addScriptTag({ content: axe.source });
      const objections = async (): Promise<string[]> => {
        const { violations } = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
        return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
      };
      expect(await objections()).toEqual([]);
      // Everything fits: the page itself does not scroll.
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
      await press(page, '?');
      expect(await page.getByRole('dialog', { name: 'Keys, on a row' }).isVisible()).toBe(true);
      expect(await objections()).toEqual([]);
      await press(page, 'Escape');
      expect(await page.getByRole('dialog').count()).toBe(0);
      expect(await focused(page), 'the focus comes back').toBe('"work 10"');
    },
  );
});

describe('timelineToHtml', () => {
  test.each([
    [null, 'options'],
    [{ title: 3 }, 'options.title'],
    [{ colour: true }, 'Unknown option `colour`'],
  ])('refuses %j at the call', (options, told) => {
    expect(() => timelineToHtml(madeTimeline(1), options as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_DEFERQUEUE_INVALID_ARGUMENT',
        message: expect.stringContaining(told),
      }),
    );
  });
});
