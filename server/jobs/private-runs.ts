import 'server-only'
import { AppError } from '@/lib/errors'
import type { Actor } from '@/server/auth/actor'
import type { Run, RunError } from '@/server/db/jobs/runs'

/**
 * Runs that read as one user and write a table that others read: only this user sees the statement, and the messages of
 * the engine, which contain values of the tables that it reads.
 */

export const SAVE_RESULT = 'save-result'

/** The fact that has the part of an error that only the user of the run sees. */
const PRIVATE_FACT = 'privateDetail'

/** An error of a statement whose message is only for the user of the run. */
export function toPrivateError(detail: string, cause: AppError): AppError {
  const { hint } = cause.facts
  const privateDetail = typeof hint === 'string' ? `${cause.message} ${hint}` : cause.message
  return new AppError(cause.code, detail, { cause, facts: { [PRIVATE_FACT]: privateDetail } })
}

/** The error of a run as the actor may see it. */
export function visibleError({ error, actor: owner }: Pick<Run, 'error' | 'actor'>, actor: Actor): RunError | null {
  if (error === null) return null
  const { [PRIVATE_FACT]: privateDetail, ...facts } = error.facts
  if (typeof privateDetail !== 'string') return { ...error }
  const isOwn = owner.userId === actor.userId
  return { ...error, facts, detail: isOwn ? `${error.detail} ${privateDetail}` : error.detail }
}
