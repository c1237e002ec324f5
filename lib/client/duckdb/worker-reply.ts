import type { DecodeReply } from '@/lib/query/load/decode-messages'
import type { SerializedError } from '../rows/serialized-error'

/** The messages that the worker that decodes sends to the page. */
export type WorkerReply =
  | DecodeReply
  | ({ id: number } & ({ kind: 'decoding' } | { kind: 'failed'; error: SerializedError }))
