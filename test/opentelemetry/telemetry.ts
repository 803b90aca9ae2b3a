import { context, trace } from '@opentelemetry/api';
import type { Attributes, Context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { Runtime } from 'deferqueue';
import { instrument } from 'deferqueue/opentelemetry';
import { onTestFinished } from 'vitest';

/** One series of a metric. */
export interface Point {
  readonly attributes: Attributes;
  readonly value: unknown;
}

/** The SDK of one test, with what it has recorded. */
export class Telemetry {
  readonly #spans = new InMemorySpanExporter();
  readonly #metrics = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  readonly #reader = new PeriodicExportingMetricReader({
    exporter: this.#metrics,
    exportIntervalMillis: 2 ** 31 - 1,
  });
  /** The contexts in which spans were started, by their ids, in that order. */
  readonly #started = new Map<string, Context>();
  readonly tracerProvider: NodeTracerProvider;
  readonly meterProvider: MeterProvider;

  constructor() {
    const order: SpanProcessor = {
      onStart: (span: Span, started: Context) => void this.#started.set(span.spanContext().spanId, started),
      onEnd: () => undefined,
      forceFlush: () => Promise.resolve(),
      shutdown: () => Promise.resolve(),
    };
    this.tracerProvider = new NodeTracerProvider({
      spanProcessors: [order, new SimpleSpanProcessor(this.#spans)],
    });
    this.meterProvider = new MeterProvider({ readers: [this.#reader] });
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    onTestFinished(async () => {
      context.disable();
      await this.tracerProvider.shutdown();
      await this.meterProvider.shutdown();
    });
  }

  /** Runs the rest of the test with spans and metrics; `undefined` means the default runtime. */
  instrument(runtimes?: readonly Pick<Runtime, 'intercept'>[]): () => void {
    const { tracerProvider, meterProvider } = this;
    const stop = instrument({ runtimes, tracerProvider, meterProvider });
    onTestFinished(stop);
    return stop;
  }

  /** What a user's own code does around something. */
  async within<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
    return this.tracerProvider.getTracer('test').startActiveSpan(name, async (span) => {
      try {
        return await fn();
      } finally {
        span.end();
      }
    });
  }

  /** The spans that have ended, in the order in which they were started. */
  get spans(): readonly ReadableSpan[] {
    const order = [...this.#started.keys()];
    const place = (span: ReadableSpan): number => order.indexOf(span.spanContext().spanId);
    return this.#spans.getFinishedSpans().toSorted((a, b) => place(a) - place(b));
  }

  /** How many spans were started and have not ended. */
  get unended(): number {
    return this.#started.size - this.spans.length;
  }

  /** The one with that name. */
  span(name: string): ReadableSpan {
    const found = this.spans.filter((span) => span.name === name);
    if (found.length !== 1) throw new Error(`There are ${found.length} spans "${name}"`);
    return found[0]!;
  }

  /** One line for each span that has ended, indented below its parent; `lost` is one whose parent has not ended. */
  get tree(): readonly string[] {
    const { spans } = this;
    const ids = new Set(spans.map((span) => span.spanContext().spanId));
    const below = (parent: string | undefined, indent: string): string[] =>
      spans
        .filter(({ parentSpanContext }) => parentSpanContext?.spanId === parent)
        .flatMap((span) => [indent + span.name, ...below(span.spanContext().spanId, `${indent}  `)]);
    const lost = spans.filter(({ parentSpanContext: of }) => of !== undefined && !ids.has(of.spanId));
    return [...below(undefined, ''), ...lost.map(({ name }) => `lost ${name}`)];
  }

  /** The context in which a span was started, as samplers and processors get it. */
  startOf(name: string): Context {
    return this.#started.get(this.span(name).spanContext().spanId)!;
  }

  /** The names of what a span is linked to. */
  linksOf(name: string): readonly (string | undefined)[] {
    return this.span(name).links.map(
      ({ context: { spanId } }) => this.spans.find((span) => span.spanContext().spanId === spanId)?.name,
    );
  }

  /** The points of a metric, as they are now. */
  async points(name: string): Promise<readonly Point[]> {
    await this.#reader.forceFlush();
    const metrics =
      this.#metrics
        .getMetrics()
        .at(-1)
        ?.scopeMetrics.flatMap((scope) => scope.metrics) ?? [];
    return metrics.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
  }
}

/** The name of the span that is active. */
export const activeSpan = (): string | undefined =>
  (trace.getActiveSpan() as unknown as ReadableSpan | undefined)?.name;
