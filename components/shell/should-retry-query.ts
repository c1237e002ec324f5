import { AppError, type ErrorCode } from '@/lib/errors'

/** Transient failures. Other errors are shown at once, because a retry would only delay them. */
const TRANSIENT_CODES: ReadonlySet<ErrorCode> = new Set([
  'catalog-unavailable',
  'storage-unavailable',
  'server-unreachable',
])

/** Whether react-query retries: at most once, and only after a transient failure. */
export function shouldRetryQuery(failureCount: number, error: unknown): boolean {
  return failureCount < 1 && error instanceof AppError && TRANSIENT_CODES.has(error.code)
}
