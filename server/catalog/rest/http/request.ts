import 'server-only'
import type { IncomingHttpHeaders } from 'node:http'
import type { ResponseLimits } from './response-limits'
import type { Json } from '@/lib/iceberg/json/json'

/**
 * What a request is for, which decides what its refusal means: an answer of 5xx leaves a read unanswered and a write
 * unknown, and a 409 without a known type is told by what was asked.
 */
export type RestPurpose = 'config' | 'read' | 'create' | 'change' | 'commit' | 'drop-namespace' | 'drop'

export type RestRequest = {
  method: 'GET' | 'POST' | 'DELETE'
  url: URL
  body?: Json
  headers?: Readonly<Record<string, string>>
  purpose: RestPurpose
  /** Of a request with an `Idempotency-Key`: for how long it may be sent again. Without one only POST may not. */
  retryableMs?: number
  /** What the answer may come to; without it as much as metadata. */
  limits?: ResponseLimits
  /** Of a read that began with others before it: when the first of its answer must be there. Else it has a time of its own. */
  firstByteDeadlineMs?: number
  signal?: AbortSignal | undefined
}

/** `json` is null where the answer has no body, as that of 304 to a request with `if-none-match`; `chars` is its length. */
export type RestResponse = { status: number; headers: IncomingHttpHeaders; json: Json; chars: number }

export function isWrite(purpose: RestPurpose): boolean {
  return purpose !== 'config' && purpose !== 'read'
}
