import type { HTTPClient } from '@segment/analytics-node'
import { Analytics } from '@segment/analytics-node'
import type { DeliveryOutcome, PluginContext } from '@waymark/core'
import { post, textOfError } from '@waymark/kit'
import { outcomeOf } from './answer.ts'
import type { SegmentSinkOptions } from './options.ts'
import type { Call } from './to-segment.ts'

const TIMEOUT = 10_000

/**
 * Sends calls through the SDK in one request and says what came of each, in order.
 *
 * What counts is which events were in a request and how that was answered: the SDK also reports events as successful
 * that it never sent. Its callbacks are not used because each waits at least 300 ms. It is not allowed to retry either:
 * the host does that, with the receiver's own wait, so the SDK sees a plain 200 or a final 400.
 */
export async function send(
  calls: readonly Call[],
  options: SegmentSinkOptions,
  context: Pick<PluginContext, 'clock' | 'signal'>,
): Promise<readonly DeliveryOutcome[]> {
  const outcomes = new Map<string, DeliveryOutcome>()
  const httpClient: HTTPClient = {
    async makeRequest(request) {
      const outcome = await answerTo(request, context)
      for (const { messageId } of (JSON.parse(request.body) as { batch: { messageId: string }[] }).batch) outcomes.set(messageId, outcome)
      return outcome.status === 'delivered' ? { status: 200, statusText: 'OK' } : { status: 400, statusText: outcome.reason }
    },
  }
  const timeout = options.timeout ?? TIMEOUT
  const analytics = new Analytics({
    writeKey: options.writeKey,
    ...(options.host === undefined ? {} : { host: options.host }),
    ...(options.path === undefined ? {} : { path: options.path }),
    flushAt: calls.length,
    maxRetries: 0,
    httpRequestTimeout: timeout,
    httpClient,
  })
  const troubles: string[] = []
  analytics.on('error', ({ reason }) => troubles.push(textOfError(reason)))
  for (const { method, parameters } of calls) {
    try {
      ;(analytics[method] as (parameters: unknown) => void)(parameters)
    } catch (error) {
      outcomes.set(parameters.messageId, { status: 'rejected', reason: `Segment's SDK refuses it: ${textOfError(error)}` })
    }
  }
  await analytics.closeAndFlush({ timeout: timeout + 5000 })
  const unsent: DeliveryOutcome = { status: 'retry', reason: `Segment's SDK did not send it${troubles[0] === undefined ? '' : `: ${troubles[0]}`}` }
  return calls.map(({ parameters }) => outcomes.get(parameters.messageId) ?? unsent)
}

async function answerTo(
  request: Parameters<HTTPClient['makeRequest']>[0],
  { clock, signal }: Pick<PluginContext, 'clock' | 'signal'>,
): Promise<DeliveryOutcome> {
  const { url, method, headers, body, httpRequestTimeout } = request
  const answer = await post({ url, method, headers, body, timeout: httpRequestTimeout }, { signal })
  return answer.kind === 'silent' ? { status: 'retry', reason: answer.reason } : outcomeOf(answer, clock.now())
}
