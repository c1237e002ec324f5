import 'server-only'
import { AppError } from '@/lib/errors'
import { formatQuantity } from '@/lib/format/count'
import type { Actor } from '@/server/auth/actor'
import type { Run } from '@/server/db/jobs/runs'
import { canRead } from '@/server/jobs/run-view'
import type { EarlierLoad } from './earlier-loads'

/** The fact of an error that names the input. */
export const REPEATED_INPUT = 'repeatedInput'

const HOW_TO_REPEAT = 'To load them again all the same, confirm it (--load-again, loadAgain).'

/** The sentence that names an earlier load of the same bytes, as far as the actor may see its run. */
export function earlierLoadSentence(name: string, { run, fileName, rowsCommitted }: EarlierLoad, actor: Actor): string {
  const file = fileName === name ? '' : ` as ${fileName}`
  if (!canRead(actor, run)) return `The bytes of ${name} were loaded before${file}.`
  const time = run.finishedAtMs === null ? '' : ` on ${utcText(run.finishedAtMs)}`
  return `The bytes of ${name} were loaded before${file}: ${formatQuantity(rowsCommitted, 'row')}${time} by ${run.actor.username}, run ${run.id}.`
}

/** @param runId of the earlier load; null if the bytes are twice in one load */
export function repeatError(sentence: string, name: string, runId: string | null): AppError {
  return new AppError('invalid-request', `${sentence} Nothing was loaded. ${HOW_TO_REPEAT}`, {
    facts: { [REPEATED_INPUT]: name, earlierRunId: runId, option: '--load-again' },
  })
}

/** Another run was faster, or is about to commit the same bytes. */
export function simultaneousLoadError({ id, state }: Pick<Run, 'id' | 'state'>, name: string): AppError {
  const what = state === 'running' ? 'is loading' : 'has loaded'
  return repeatError(`The run ${id} ${what} the same bytes as ${name}.`, name, id)
}

/** `2026-11-24 10:03 UTC` */
function utcText(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
