import { type Context, context, type Link, ProxyTracerProvider, propagation, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { CanonicalEvent, Decision, IngestOutcome, Message, WaymarkConfig } from '@waymark/core'
import type { Committed, Work } from '../pipeline.ts'
import type { Instruments } from './instruments.ts'
import { contextOf, parentOf } from './trace-of.ts'

const NAME = '@waymark/host'
/** The SDK keeps so many links of a span unless it is told otherwise. */
const MOST_LINKS = 128

/**
 * Spans through whatever SDK the process has registered; without one, nothing is done. An event, its decisions and their messages are one trace
 * (`trace-of.ts`), linked to the request the event came in. Names of the config and numbers only: no ids, no contents, no words of errors.
 */
export function createTraces({ plan }: Pick<WaymarkConfig, 'plan'>): Instruments {
  /** Of events on their way to the disk: the span that ends when they are answered. */
  const underWay = new WeakMap<CanonicalEvent, Span>()

  return {
    route: (plugin, path, next) => (request, params, given) => {
      const tracer = registered()
      if (tracer === undefined) return next(request, params, given)
      // An instrumented server has made a span already, and has read the header.
      const parent = trace.getSpan(context.active()) === undefined ? propagation.extract(context.active(), request.headers, HEADERS) : context.active()
      const attributes = { 'http.request.method': request.method, 'http.route': path, 'waymark.plugin': plugin.name }
      const span = tracer.startSpan(`${request.method} ${path}`, { kind: SpanKind.SERVER, attributes }, parent)
      return during(span, parent, async () => {
        const response = await next(request, params, given)
        span.setAttribute('http.response.status_code', response.status)
        if (response.status >= 500) span.setStatus({ code: SpanStatusCode.ERROR })
        return response
      })
    },

    ingest: (next) => async (events) => {
      const tracer = registered()
      if (tracer === undefined) return next(events)
      const request = trace.getSpanContext(context.active())
      const links: Link[] = request === undefined ? [] : [{ context: request }]
      for (const event of events) {
        const attributes = { 'waymark.type': event.type, ...nameOf(event) }
        const span = tracer.startSpan('waymark ingest', { kind: SpanKind.CONSUMER, attributes, links }, contextOf(event.messageId))
        if (span.isRecording()) underWay.set(event, span)
      }
      let outcomes: readonly IngestOutcome[] = []
      try {
        outcomes = await next(events)
        return outcomes
      } catch (error) {
        for (const event of events) fail(underWay.get(event), error)
        throw error
      } finally {
        events.forEach((event, index) => {
          const span = underWay.get(event)
          const outcome = outcomes[index]
          if (outcome !== undefined) span?.setAttribute('waymark.outcome', outcome.status)
          span?.end()
          underWay.delete(event)
        })
      }
    },

    commit: (next) => async (works) => {
      const tracer = registered()
      if (tracer === undefined) return next(works)
      const startTime = performance.timeOrigin + performance.now()
      const commits = beginCommits(tracer, works)
      try {
        const committed = await next(works)
        decided(tracer, committed, startTime, new Map(commits))
        return committed
      } catch (error) {
        for (const [, span] of commits) fail(span, error)
        throw error
      } finally {
        for (const [, span] of commits) span.end()
      }
    },

    send: (plugin, next) => (message, recipient, given) => {
      const tracer = registered()
      if (tracer === undefined) return next(message, recipient, given)
      const parent = contextOf(rootOf(message))
      const attributes = {
        'waymark.plugin': plugin.name,
        'waymark.channel': message.channel,
        'waymark.rule': message.rule,
        'waymark.attempt': message.attempts + 1,
      }
      const span = tracer.startSpan(`waymark send ${message.channel}`, { kind: SpanKind.PRODUCER, attributes }, parent)
      return during(span, parent, async () => {
        const outcome = await next(message, recipient, given)
        span.setAttribute('waymark.outcome', outcome.status)
        if (outcome.status !== 'sent') span.setStatus({ code: SpanStatusCode.ERROR })
        return outcome
      })
    },

    deliver: (plugin, next) => (events, given) => {
      const tracer = registered()
      if (tracer === undefined) return next(events, given)
      // A batch is of many traces, and in none of them.
      const links = events.slice(0, MOST_LINKS).map(({ messageId }): Link => ({ context: parentOf(messageId) }))
      const attributes = { 'waymark.plugin': plugin.name, 'waymark.events': events.length }
      const span = tracer.startSpan(`waymark forward ${plugin.name}`, { kind: SpanKind.PRODUCER, attributes, links, root: true })
      return during(span, context.active(), async () => {
        const outcomes = await next(events, given)
        if (outcomes.some(({ status }) => status !== 'delivered')) span.setStatus({ code: SpanStatusCode.ERROR })
        return outcomes
      })
    },

    quarantine: (next) => next,
    pull: (_plugin, _source, next) => next,
    wake: (next) => next,
    checkpoint: (next) => next,
  }

  /** One that the plan does not know is anybody's text. */
  function nameOf({ event }: CanonicalEvent): { readonly 'waymark.event'?: string } {
    return event !== undefined && Object.hasOwn(plan.events, event) ? { 'waymark.event': event } : {}
  }

  /** A span for each event of the commit that is being recorded, with its message id. */
  function beginCommits(tracer: Tracer, works: readonly Work[]): readonly (readonly [string, Span])[] {
    const attributes = { 'waymark.works': works.length }
    return works.flatMap((work): (readonly [string, Span])[] => {
      const ingest = work.kind === 'event' ? underWay.get(work.event) : undefined
      if (work.kind !== 'event' || ingest === undefined) return []
      return [[work.event.messageId, tracer.startSpan('waymark commit', { attributes }, trace.setSpan(context.active(), ingest))]]
    })
  }

  function decided(tracer: Tracer, { decisions }: Committed, startTime: number, commits: ReadonlyMap<string, Span>): void {
    for (const decision of decisions) {
      const cause = decision.cause === undefined ? undefined : commits.get(decision.cause)
      const parent = cause === undefined ? contextOf(rootOf(decision)) : trace.setSpan(context.active(), cause)
      const { rule, outcome, guard } = decision
      const attributes = { 'waymark.rule': rule, 'waymark.outcome': outcome, ...(guard === undefined ? {} : { 'waymark.guard': guard }) }
      tracer.startSpan(`waymark decide ${rule}`, { attributes, startTime }, parent).end()
    }
  }
}

/** What the trace of a decision and its message follows from: the event that brought it about, or the decision itself where time did. */
function rootOf({ cause, key }: Pick<Decision | Message, 'cause' | 'key'>): string {
  return cause ?? key
}

/** A tracer, if an SDK has been registered. Asked each time: it may come after the host. */
function registered(): Tracer | undefined {
  const provider = trace.getTracerProvider()
  return provider instanceof ProxyTracerProvider ? provider.getDelegateTracer(NAME) : provider.getTracer(NAME)
}

/** Runs `work` inside the span, so that what the plugin does is part of it, and ends the span with it. */
async function during<T>(span: Span, parent: Context, work: () => Promise<T>): Promise<T> {
  try {
    return await context.with(trace.setSpan(parent, span), work)
  } catch (error) {
    fail(span, error)
    throw error
  } finally {
    span.end()
  }
}

/** The kind of error only: its words may hold anything. */
function fail(span: Span | undefined, error: unknown): void {
  const code = (error as { readonly code?: unknown } | null)?.code
  span?.setStatus({ code: SpanStatusCode.ERROR })
  span?.setAttribute('error.type', typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown')
}

const HEADERS = {
  get: (headers: Headers, name: string) => headers.get(name) ?? undefined,
  keys: (headers: Headers) => [...headers.keys()],
}
