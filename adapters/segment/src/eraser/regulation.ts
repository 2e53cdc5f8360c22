import type { ErasureReceipt } from '@waymark/core'
import { isObject } from '@waymark/core'

/**
 * How a regulation stands, as a receipt. FAILED, for the whole, may be one destination that cannot delete: what each says counts. One that
 * knows no deletion leaves it done at Segment; one that failed is for a person to look at.
 */
export function receiptOf(regulation: unknown, underWay: ErasureReceipt): ErasureReceipt {
  if (!isObject(regulation)) return { status: 'retry', reason: 'Segment did not say how the regulation stands' }
  const overall = String(regulation['overallStatus'])
  const destinations = listOf(regulation['streamStatus']).flatMap((stream) => listOf(stream['destinationStatus']))
  const named = (status: string) => destinations.filter((one) => one['status'] === status).map((one) => String(one['name'] ?? one['id']))
  const [failed, unsupported] = [named('FAILED'), named('NOT_SUPPORTED')]
  const detail = unsupported.length === 0 ? {} : { detail: `these destinations of Segment cannot delete, so ask them yourself: ${unsupported.join(', ')}` }

  switch (overall) {
    case 'INITIALIZED':
    case 'RUNNING':
      return underWay
    case 'FINISHED':
      return { status: 'confirmed', ...detail }
    case 'NOT_SUPPORTED':
    case 'PARTIAL_SUCCESS':
    case 'FAILED':
      if (failed.length > 0) return { status: 'failed', reason: `destinations of Segment did not delete the user: ${failed.join(', ')}; delete there by hand` }
      if (unsupported.length > 0) return { status: 'confirmed', ...detail }
      return { status: 'failed', reason: `the regulation ended as ${overall}; look at Privacy > Deletion requests in Segment` }
    default:
      return { status: 'failed', reason: `the regulation is ${overall}; look at Privacy > Deletion requests in Segment` }
  }
}

function listOf(value: unknown): readonly Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
