import { AppError, type ErrorCode } from '@/lib/errors'

/** Failures that may pass by themselves. Everything else is told at once: asking again would only delay it. */
const TRANSIENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'catalog-unavailable',
  'storage-unavailable',
  'server-unreachable',
])

/** Whether react-query asks once more: at most once, and only for what may pass. */
export function shouldRetryQuery(failureCount: number, error: unknown): boolean {
  return failureCount < 1 && error instanceof AppError && TRANSIENT_CODES.has(error.code)
}
