import 'server-only'
import type { InlineProblem } from '@/lib/contract/shapes/inline-problem'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'

/**
 * Converts the failure of one table among many to a problem, to be shown in place of its figures. Unexpected errors are
 * logged.
 *
 * @throws the failure itself when the request was aborted
 */
export function toProblem(
  log: Log,
  error: unknown,
  { signal, requestId }: { signal: AbortSignal; requestId: string },
): InlineProblem {
  if (signal.aborted) throw error
  if (error instanceof AppError) {
    const { attemptStartedAtMs } = error.facts
    return {
      code: error.code,
      detail: error.message,
      ...(typeof attemptStartedAtMs === 'number' && { attemptStartedAtMs }),
    }
  }
  log.error(error, { requestId })
  return { code: 'internal', detail: `An unexpected error was logged under request ${requestId}.` }
}
