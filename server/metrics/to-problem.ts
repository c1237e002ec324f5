import 'server-only'
import type { InlineProblem } from '@/lib/contract/inline-problem'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'

/**
 * A failure of one table among many, to be told in its place. What nobody expected is logged and told as such.
 *
 * @throws the failure itself when the person has left: there is nobody to tell
 */
export function toProblem(
  log: Log,
  error: unknown,
  { signal, requestId }: { signal: AbortSignal; requestId: string },
): InlineProblem {
  if (signal.aborted) throw error
  if (error instanceof AppError) {
    const { triedAtMs } = error.facts
    return { code: error.code, detail: error.message, ...(typeof triedAtMs === 'number' && { triedAtMs }) }
  }
  log.error(error, { requestId })
  return { code: 'internal', detail: `An unexpected error was logged under request ${requestId}.` }
}
