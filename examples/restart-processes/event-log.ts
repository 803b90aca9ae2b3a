import { currentTask } from 'deferqueue';
import { credentials } from './credentials.js';

export type EventKind = 'create' | 'attach' | 'fail' | 'delete' | 'stop';

/** What happened, and who did it: the task and the credentials that were current. */
export interface RestartEvent {
  readonly kind: EventKind;
  readonly task: string | undefined;
  readonly user: string | undefined;
}

/** The events of a restart in the order in which they happened. */
export class EventLog {
  readonly #events: RestartEvent[] = [];
  readonly #print: (line: string) => void;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  get events(): readonly RestartEvent[] {
    return this.#events;
  }

  /** Records what the caller has done. Who that is the context tells. */
  record(kind: EventKind, what: string): void {
    const event = { kind, task: currentTask()?.name, user: credentials.getStore()?.user };
    this.#events.push(event);
    this.#print(`task "${event.task}" as ${event.user}: ${what}`);
  }
}
