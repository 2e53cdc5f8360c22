import { createHmac, timingSafeEqual } from 'node:crypto'
import type { SegmentWebhookOptions } from '../options.ts'

/** Whether Segment sent this: undefined when it did, else why it is not let in. */
export function mistrust(headers: Headers, body: Uint8Array, parsed: unknown, options: SegmentWebhookOptions): string | undefined {
  const { secret, header, batches = 'refuse' } = options
  if (header !== undefined && !isSame(headers.get(header.name) ?? '', header.value)) {
    return `the header ${header.name} does not hold what segment({ webhook: { header } }) asks for`
  }
  const signature = headers.get('x-signature')?.trim().toLowerCase()
  if (signature === undefined || signature === '') return 'there is no X-Signature: enter the shared secret in the webhook of Segment too'
  if (isSame(signature, signed(secret, body))) return undefined
  const isOfTheFirst = Array.isArray(parsed) && parsed.length > 0 && isSame(signature, signed(secret, JSON.stringify(parsed[0])))
  if (!isOfTheFirst) return 'X-Signature is not that of this body: the shared secret here and in Segment differ, or somebody changed the body on its way'
  if (batches === 'first-signed') return undefined
  return "Segment signs the first event of a batch alone, so the others may be anybody's: turn batching off there, or set webhook.batches to 'first-signed' beside a secret webhook.header"
}

function signed(secret: string, body: string | Uint8Array): string {
  return createHmac('sha1', secret).update(body).digest('hex')
}

/** In a time that does not tell how much of it was right. */
function isSame(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)]
  return left.length === right.length && timingSafeEqual(left, right)
}
