// Each of forty updates has to invalidate its page, and none knows of the others. Works with the same key become one,
// and a function merges their data: the cache is asked once, when everything has been written.
import { defer, withOperation } from 'deferqueue';

const prices = new Map<number, number>();
let requests = 0;

const invalidate = (pages: readonly string[]): void => {
  requests++;
  console.log(`invalidate ${pages.length} pages: ${pages[0]} to ${pages.at(-1)}`);
};

const union = (earlier: string[], later: string[]): string[] => [...new Set([...earlier, ...later])];

const updatePrice = async (product: number, price: number): Promise<void> => {
  prices.set(product, price);
  defer(({ data }) => invalidate(data), {
    key: 'pages',
    data: ['/products/all', `/products/${product}`],
    coalesce: union,
  });
};

await withOperation('price list', async () => {
  for (let product = 1; product <= 40; product++) await updatePrice(product, product * 10);
  console.log(`${prices.size} prices updated, ${requests} requests to the cache so far`);
});
console.log(`requests to the cache in all: ${requests}`);
