// What the build puts in place of a file whose name ends in `?inlined`: see scripts/inlined.mjs.
declare module '*?inlined' {
  /** A program as one small script, or a style sheet. */
  export const text: string;
  /** Its SHA-256 in Base64, as a Content-Security-Policy names it. */
  export const sha256: string;
}
