import 'server-only'
import type { Json } from '@/lib/iceberg/types'

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
  signal?: AbortSignal | undefined
}

/** `json` is null where the answer has no body. */
export type RestAnswer = { status: number; json: Json }

export function isWrite(purpose: RestPurpose): boolean {
  return purpose !== 'config' && purpose !== 'read'
}
