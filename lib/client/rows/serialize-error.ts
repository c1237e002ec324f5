import { AppError } from '@/lib/errors'
import type { SerializedError } from './row-messages'

/** An error as a worker sends it to the page. */
export function serializeError(error: unknown): SerializedError {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, facts: error.facts, requestId: error.requestId }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message, facts: {}, requestId: null }
}

/** The error that a worker sent. */
export function deserializeError({ code, message, facts, requestId }: SerializedError): AppError {
  return new AppError(code, message, { facts: { ...facts }, ...(requestId !== null && { requestId }) })
}
