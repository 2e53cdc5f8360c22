import { answerRest, type Project } from './amplitude/rest.ts'
import { answerUpload, UPLOAD } from './amplitude/upload.ts'
import type { VendorServer } from './vendor-server.ts'
import { vendorServer } from './vendor-server.ts'

/** An event as Amplitude keeps it in the end. */
export type AmplitudeEvent = Readonly<Record<string, unknown>> & { readonly event_type: string }

export interface FakeAmplitude extends VendorServer<AmplitudeEvent> {
  /** What it has besides events: for exports, cohorts and deletions. */
  readonly project: Project
  /** Users and devices that send too much: answered 429 by name, until they are taken out. */
  readonly throttled: Set<string>
  /** Users and devices that have used up their day. */
  readonly exhausted: Set<string>
  /** Devices that are shut out. */
  readonly silenced: Set<string>
}

/**
 * Amplitude on this machine. `/2/httpapi` and `/batch` as documented: 413 above 1 or 20 MB or 2,000 events; 400 that names the events at fault,
 * the first of each field alone on `/2/httpapi`; 429 that names who is throttled; nothing of a refused request is kept. Copies are known by device
 * and insert id. Ids under `min_id_length` (5) are stripped, banned ones refused, texts cut at 1,024. `apiKeys`: all others are invalid. Default: any.
 * Rates are not counted: who is throttled is for the test to say.
 */
export async function fakeAmplitude({ apiKeys }: { readonly apiKeys?: readonly string[] } = {}): Promise<FakeAmplitude> {
  const people = { throttled: new Set<string>(), exhausted: new Set<string>(), silenced: new Set<string>() }
  const project: Project = {
    ...{ users: new Map(), devices: new Map(), deletions: [], archives: new Map(), tooMuch: 24 },
    ...{ cohorts: new Map(), requested: [], computing: 0, lieElsewhere: false, moves: [], aliases: [] },
  }
  const server = await vendorServer<AmplitudeEvent>((request, books) => {
    const api = UPLOAD.find(({ path }) => path === request.path)
    return api === undefined ? answerRest(request, project) : answerUpload(request, books, api, { ...people, apiKeys })
  })
  return Object.assign(server, people, { project })
}
