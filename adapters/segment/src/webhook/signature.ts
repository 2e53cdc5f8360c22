import { createHmac } from 'node:crypto'
import { isSameSecret } from '@waymark/kit'
import type { SegmentWebhookOptions } from '../options.ts'

/** How much of a request Segment vouches for: all of it, or of a batch the first event alone. */
export type Trust = { readonly covers: 'all' | 'first' } | { readonly mistrusted: string }

/** Whether Segment sent this, and if not, why it is not let in. */
export function trustIn(headers: Headers, body: Uint8Array, parsed: unknown, options: SegmentWebhookOptions): Trust {
  const { secret, header, batches = 'refuse' } = options
  if (header !== undefined && !isSameSecret(headers.get(header.name) ?? '', header.value)) {
    return { mistrusted: `the header ${header.name} does not hold what segment({ webhook: { header } }) asks for` }
  }
  const signature = headers.get('x-signature')?.trim().toLowerCase()
  if (signature === undefined || signature === '') return { mistrusted: 'there is no X-Signature: enter the shared secret in the webhook of Segment too' }
  if (isSameSecret(signature, signed(secret, body))) return { covers: 'all' }
  const isOfTheFirst = Array.isArray(parsed) && parsed.length > 0 && isSameSecret(signature, signed(secret, JSON.stringify(parsed[0])))
  if (!isOfTheFirst) {
    return { mistrusted: 'X-Signature is not that of this body: the shared secret here and in Segment differ, or somebody changed the body on its way' }
  }
  if (batches === 'first-signed') return { covers: header === undefined ? 'first' : 'all' }
  return {
    mistrusted:
      "Segment signs the first event of a batch alone, so the others may be anybody's: turn batching off there, or set webhook.batches to 'first-signed' beside a secret webhook.header",
  }
}

function signed(secret: string, body: string | Uint8Array): string {
  return createHmac('sha1', secret).update(body).digest('hex')
}
