import { defer } from 'deferqueue';

export interface Cart {
  readonly customer: string;
  readonly items: readonly string[];
}

export interface Shop {
  readonly charge: (cart: Cart) => Promise<number>;
  readonly mail: (to: string, text: string) => Promise<void>;
  readonly invalidate: (page: string) => Promise<void>;
}

/** Called deep in a request: it decides on mails and pages, and waits for none of them. */
export const checkout = async (shop: Shop, cart: Cart): Promise<number> => {
  const { customer, items } = cart;
  defer(({ data }) => shop.mail(data.to, 'Thank you'), {
    name: 'receipt',
    on: 'success',
    data: { to: customer },
  });
  defer(() => shop.mail(customer, 'That did not work'), { name: 'apology', on: 'failure' });
  for (const item of items) {
    defer(() => shop.invalidate(item), { name: 'invalidate', key: item, data: item });
  }
  return shop.charge(cart);
};
