import { AppError, type ErrorCode } from '@/lib/errors'

/** An AppError in a message between the page and a worker. */
export type SerializedError = {
  code: ErrorCode
  message: string
  facts: Readonly<Record<string, string | number | null>>
  requestId: string | null
}

export function serializeError(error: unknown): SerializedError {
  if (error instanceof AppError) {
    return { code: error.code, message: error.message, facts: error.facts, requestId: error.requestId }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 'internal', message, facts: {}, requestId: null }
}

export function deserializeError({ code, message, facts, requestId }: SerializedError): AppError {
  return new AppError(code, message, { facts: { ...facts }, ...(requestId !== null && { requestId }) })
}
