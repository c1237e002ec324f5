import 'server-only'
import { bearer } from '../remote/bearer'
import type { Protocol } from '../remote/client'
import { Refusal } from '../remote/refusal'
import type { GcsAccess } from '../storage-access'
import { errorCodeOf } from './gcs-json'
import { gcsUrl } from './gcs-url'
import { tokenSource } from './token-source'

const TOO_FAST = new Set(['rateLimitExceeded', 'userRateLimitExceeded'])

/** The store has some of an upload and waits for the rest. */
export class RestWanted extends Refusal {
  readonly receivedBytes: number

  constructor(receivedBytes: number) {
    super(308, null)
    this.receivedBytes = receivedBytes
  }
}

/** Requests to Google's store, with a token. */
export function gcsProtocol({ endpoint, reach, credentials, isReadOnly }: GcsAccess): Protocol {
  const tokens = tokenSource(credentials, isReadOnly === true)
  return {
    host: gcsUrl(endpoint, { method: 'GET', object: { holder: '', key: '' } }).host,
    reach,

    async prepared(request, signal) {
      const token = await tokens.get(signal)
      return { url: gcsUrl(endpoint, request), headers: { ...request.headers, ...(token !== null && bearer(token)) } }
    },

    refusalOf({ statusCode: status = 0, headers }, text) {
      if (status === 401) tokens.refused()
      if (status === 308) return new RestWanted(receivedBytes(headers.range))
      const requestId = String(headers['x-guploader-uploadid'] ?? '').slice(0, 100) || null
      return new Refusal(status, errorCodeOf(text), requestId)
    },

    isPassing: ({ status, code }) =>
      (status >= 500 && status !== 501) || status === 429 || status === 408 || (code !== null && TOO_FAST.has(code)),
  }
}

/** None where the store says nothing of it. */
function receivedBytes(range = ''): number {
  const [, last] = /^bytes=0-(\d{1,15})$/.exec(range) ?? []
  return last === undefined ? 0 : Number(last) + 1
}
