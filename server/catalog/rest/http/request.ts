import 'server-only'
import type { IncomingHttpHeaders } from 'node:http'
import type { ResponseLimits } from './response-limits'
import type { Json } from '@/lib/iceberg/json/json'

/**
 * The purpose of a request, which decides what its refusal means. A 5xx fails a read but leaves the outcome of a write
 * unknown, and the meaning of a 409 without a known type depends on the purpose.
 */
export type RestPurpose = 'config' | 'read' | 'create' | 'change' | 'commit' | 'drop-namespace' | 'drop'

export type RestRequest = {
  method: 'GET' | 'POST' | 'DELETE'
  url: URL
  body?: Json
  headers?: Readonly<Record<string, string>>
  purpose: RestPurpose
  /** How long a request with an `Idempotency-Key` may be retried. Without a key, every method except POST may. */
  retryableMs?: number
  /** Limits of the response; by default those of metadata. */
  limits?: ResponseLimits
  /**
   * When the response must begin, for a read that follows other requests. By default the request has its own timeout.
   */
  firstByteDeadlineMs?: number
  signal?: AbortSignal | undefined
}

/** `json` is null without a body, as in a 304 to `if-none-match`; `chars` is the length of the body. */
export type RestResponse = { status: number; headers: IncomingHttpHeaders; json: Json; chars: number }

export function isWrite(purpose: RestPurpose): boolean {
  return purpose !== 'config' && purpose !== 'read'
}
