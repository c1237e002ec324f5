import 'server-only'
import { bearerHeader } from '../remote/bearer-header'
import type { Protocol } from '../remote/client'
import { Refusal } from '../remote/refusal'
import type { GcsAccess } from '../../locations/storage-access'
import { parseErrorCode } from './gcs-json'
import { gcsUrl } from './gcs-url'
import { tokenSource } from './token-source'

const RATE_LIMIT_CODES = new Set(['rateLimitExceeded', 'userRateLimitExceeded'])

/** The store has received some bytes of an upload and waits for the rest. */
export class ResumeIncomplete extends Refusal {
  readonly receivedBytes: number

  constructor(receivedBytes: number) {
    super(308, null)
    this.receivedBytes = receivedBytes
  }
}

/** Requests to Google Cloud Storage, with a bearer token. */
export function gcsProtocol({ endpoint, reach, credentials, isReadOnly }: GcsAccess): Protocol {
  const tokens = tokenSource(credentials, isReadOnly === true)
  return {
    host: gcsUrl(endpoint, { method: 'GET', object: { bucket: '', key: '' } }).host,
    reach,

    async prepare(request) {
      const token = await tokens.get(request.signal)
      return {
        url: gcsUrl(endpoint, request),
        headers: { ...request.headers, ...(token !== null && bearerHeader(token)) },
      }
    },

    toRefusal({ statusCode: status = 0, headers }, text) {
      if (status === 401) tokens.invalidate()
      if (status === 308) return new ResumeIncomplete(parseReceivedBytes(headers.range))
      const requestId = String(headers['x-guploader-uploadid'] ?? '').slice(0, 100) || null
      return new Refusal(status, parseErrorCode(text), requestId)
    },

    isTransient: ({ status, code }) =>
      (status >= 500 && status !== 501) ||
      status === 429 ||
      status === 408 ||
      (code !== null && RATE_LIMIT_CODES.has(code)),
  }
}

/** Zero when the store does not report a range. */
function parseReceivedBytes(range = ''): number {
  const [, last] = /^bytes=0-(\d{1,15})$/.exec(range) ?? []
  return last === undefined ? 0 : Number(last) + 1
}
