// What the build substitutes for an import that ends in `?inlined`: see scripts/inlined.mjs.
declare module '*?inlined' {
  /** The program as one minified script, or the style sheet. */
  export const text: string;
  /** Its SHA-256 in Base64, as written in a Content-Security-Policy. */
  export const sha256: string;
}
