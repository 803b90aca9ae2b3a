import type { Shop } from './checkout.js';

/** A shop that writes down what is asked of it. */
export const fakeShop = (charge: () => number = () => 30): Shop & { readonly calls: string[] } => {
  const calls: string[] = [];
  return {
    calls,
    charge: () => Promise.resolve().then(charge),
    mail: async (to, text) => void calls.push(`mail to ${to}: ${text}`),
    invalidate: async (page) => void calls.push(`invalidate ${page}`),
  };
};
