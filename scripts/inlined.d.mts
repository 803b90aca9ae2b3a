import type { Plugin } from 'vite';

export declare const inlined: () => Plugin;
