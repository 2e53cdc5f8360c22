import { WaymarkError } from '@waymark/core'
import type { Refusal } from './attempt.ts'

/**
 * Does the work of a route. Where the host can take no more for the moment, `answer` says so as the vendor's SDKs understand it: what the host itself
 * answers names no vendor's codes, and no origin that sends with credentials. Whatever else is thrown passes.
 */
export async function unlessBusy(work: () => Promise<Response>, answer: (refusal: Refusal) => Response): Promise<Response> {
  try {
    return await work()
  } catch (error) {
    if (!WaymarkError.is(error) || !/^(BUSY|STORE_)/.test(error.code)) throw error
    const headers = { 'retry-after': error.code === 'BUSY' ? '1' : '5' }
    return answer({ status: 503, code: error.code, message: 'the host can take no more at this moment; send it again', headers })
  }
}
