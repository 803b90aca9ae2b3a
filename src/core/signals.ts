import type { OperationCore } from './operation.js';

/** Reacts to the abort of a signal. */
export interface AbortListener {
  onAbort(reason: unknown): void;
}

/**
 * All of the library's listeners of one signal behind a single event listener: platforms warn of many event
 * listeners on one signal, and search them one by one.
 */
class SharedListener {
  readonly #signal: AbortSignal;
  readonly #listeners = new Set<AbortListener>();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener('abort', this);
  }

  add(listener: AbortListener): void {
    this.#listeners.add(listener);
  }

  /** Returns whether no listener is left. */
  remove(listener: AbortListener): boolean {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0) return false;
    this.#signal.removeEventListener('abort', this);
    return true;
  }

  handleEvent(): void {
    bySignal.delete(this.#signal);
    this.#signal.removeEventListener('abort', this);
    for (const listener of this.#listeners) listener.onAbort(this.#signal.reason);
  }
}

const bySignal = new WeakMap<AbortSignal, SharedListener>();

export const listenForAbort = (signal: AbortSignal, listener: AbortListener): void => {
  let shared = bySignal.get(signal);
  if (shared === undefined) bySignal.set(signal, (shared = new SharedListener(signal)));
  shared.add(listener);
};

export const stopListening = (signal: AbortSignal, listener: AbortListener): void => {
  if (bySignal.get(signal)?.remove(listener)) bySignal.delete(signal);
};

/**
 * A signal that aborts with a user's signal and with the signal above it: that of an operation with those of the
 * operations around it, that of a task with its operation's. Which abort came first is known even while no
 * `AbortController` was asked for. Aborts reach the signals below in a loop, so that nesting is not bound by the
 * stack (G6).
 */
export class LinkedSignal implements AbortListener {
  #above: LinkedSignal | undefined;
  #source: AbortSignal | undefined;
  #below: Set<LinkedSignal> | undefined;
  #controller: AbortController | undefined;
  #abortion: { readonly reason: unknown } | undefined;

  constructor(above: LinkedSignal | undefined, source: AbortSignal | undefined) {
    if (source?.aborted) this.#abortion = { reason: source.reason };
    else if (above !== undefined) this.#abortion = above.#abortion;
    if (this.#abortion !== undefined) return;
    this.#above = above;
    this.#source = source;
    if (source !== undefined) listenForAbort(source, this);
    if (above !== undefined) (above.#below ??= new Set()).add(this);
  }

  get isAborted(): boolean {
    return this.#abortion !== undefined;
  }

  get signal(): AbortSignal {
    return (this.#controller ??= this.#makeController()).signal;
  }

  abort(reason: unknown): void {
    const waiting: LinkedSignal[] = [this];
    for (let each = waiting.pop(); each !== undefined; each = waiting.pop()) {
      if (each.#abortion !== undefined) continue;
      each.#abortion = { reason };
      const below = [...(each.#below ?? [])];
      each.release();
      if (each.#controller !== undefined) abortWith(each.#controller, reason);
      waiting.push(...below.toReversed());
    }
  }

  onAbort(reason: unknown): void {
    this.abort(reason);
  }

  /** The signal stays as it is, and keeps nothing of those that it followed. */
  release(): void {
    if (this.#above !== undefined) this.#above.#removeBelow(this);
    if (this.#source !== undefined) stopListening(this.#source, this);
    this.#above = this.#source = this.#below = undefined;
  }

  #removeBelow(signal: LinkedSignal): void {
    this.#below?.delete(signal);
  }

  #makeController(): AbortController {
    const controller = new AbortController();
    if (this.#abortion !== undefined) abortWith(controller, this.#abortion.reason);
    return controller;
  }
}

/** `abort(undefined)` would make up a reason. The signal has to have the identical one. */
const abortWith = (controller: AbortController, reason: unknown): void => {
  if (reason === undefined) Object.defineProperty(controller.signal, 'reason', { value: undefined });
  controller.abort(reason);
};

/** Returns the signal of an operation, made together with those of the operations around it. */
export const signalOf = (operation: OperationCore): LinkedSignal => {
  const missing: OperationCore[] = [];
  for (
    let each: OperationCore | undefined = operation;
    each && each.linked === undefined;
    each = each.parent
  ) {
    missing.push(each);
  }
  for (const each of missing.toReversed()) {
    each.linked = new LinkedSignal(each.parent?.linked, each.settings.signal);
    if (each.state === 'closed') each.linked.release();
  }
  return operation.linked!;
};

/** The operation is sealed: its signal stays as it is, also if it is asked for later. */
export const freezeSignal = (operation: OperationCore): void => {
  for (let each: OperationCore | undefined = operation; each !== undefined; each = each.parent) {
    if (each.linked !== undefined) return signalOf(operation).release();
  }
};
