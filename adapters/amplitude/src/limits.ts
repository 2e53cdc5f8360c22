/*
 * Amplitude's limits (HTTP V2 API, Batch Event Upload API, User Privacy API), in counts, bytes and milliseconds.
 */

export type UploadApi = 'httpapi' | 'batch'

export interface UploadLimits {
  readonly path: string
  readonly events: number
  readonly bytes: number
  /** How long a user or device that sends too much is held back. */
  readonly throttledFor: number
}

export const UPLOAD: Readonly<Record<UploadApi, UploadLimits>> = {
  httpapi: { path: '/2/httpapi', events: 2000, bytes: 1024 * 1024, throttledFor: 30_000 },
  batch: { path: '/batch', events: 2000, bytes: 20 * 1024 * 1024, throttledFor: 15_000 },
}

/** A user or device that has used up its day. */
export const QUOTA_FOR = 86_400_000

export const TEXT_LENGTH = 1024
export const DEPTH = 40
/** Ids shorter than this are stripped, unless `options.min_id_length` says otherwise. */
export const ID_LENGTH = 5

/** Above this gap between a client's clock and the server's, times are corrected by it. */
export const CLOCK_GAP = 60_000
