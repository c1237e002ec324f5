import 'server-only'
import type { Services } from '@/server/services'
import { runKindTitle } from '@/lib/contract/run-kinds'
import { AppError } from '@/lib/errors'
import { listRuns, readRun, type Run } from '@/server/db/jobs/runs'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readRejects } from '@/server/ingest/run/rejects-file'
import { warningsOf } from '@/server/jobs/run-view'
import { cancelRun, retryRun } from '@/server/jobs/change-run'
import { namespaceLabel } from '@/lib/names/identifiers'
import { readArguments, UsageError, type Verb } from './verb'

const DEFAULT_LIMIT = 20

export const jobsVerb: Verb = {
  summary: 'long-running work: list, cancel, retry, rejects',
  help: `Use: lakeshore jobs list [--limit <number>]
     lakeshore jobs cancel <run>
     lakeshore jobs retry <run>
     lakeshore jobs rejects <run>

list prints the newest runs, one per line with tabs between: id, state, attempt, kind, table, title, and when the run
was queued, started and ended, in UTC. The names of the columns go to standard error, so that a script reads runs only.
cancel ends a queued run at once, and asks a running one to stop and clean up. retry queues a failed or cancelled run
again, as a new run, and prints its id; a worker then executes it. rejects prints the rows that a load rejected: one
object per line, with line, column, value and reason.`,
  async run(args, terminal, { openServices }) {
    const { values, positionals } = readArguments(args, { limit: { type: 'string' } })
    const [action, id, ...rest] = positionals
    if (values.limit !== undefined && action !== 'list') throw new UsageError('--limit belongs to jobs list')
    const caller = { actor: actorFor(COMMAND_LINE), requestId: null }
    const services = await openServices()
    switch (action) {
      case 'list': {
        if (id !== undefined) throw new UsageError(`unexpected argument "${id}"`)
        const runs = await listRuns(services.database, { limit: parseLimit(values.limit) })
        terminal.printMessage(runs.length === 0 ? 'There are no runs.' : COLUMNS.join('\t'))
        for (const run of runs) terminal.print(runLine(run))
        return 0
      }
      case 'cancel': {
        terminal.printMessage(cancelText(await cancelRun(services.database, requireRunId(id, rest), caller)))
        return 0
      }
      case 'retry': {
        const retry = await retryRun(services.database, requireRunId(id, rest), caller)
        terminal.print(retry.id)
        return 0
      }
      case 'rejects': {
        const text = await readRunRejects(services, requireRunId(id, rest))
        for (const line of text.split('\n')) if (line !== '') terminal.print(line)
        return 0
      }
      default:
        throw new UsageError(
          action === undefined
            ? 'no action given: use list, cancel, retry or rejects'
            : `unknown action "${action}": use list, cancel, retry or rejects`,
        )
    }
  },
}

async function readRunRejects(services: Pick<Services, 'config' | 'database' | 'stores'>, id: string): Promise<string> {
  const run = await readRun(services.database, id)
  if (!run) throw new AppError('not-found', `There is no run ${id}.`)
  const rejectsFile = run.outcome?.rejectsFile ?? run.error?.facts.rejectsFile
  if (typeof rejectsFile !== 'string') throw new AppError('not-found', `The run ${id} rejected no rows.`)
  return readRejects(services, rejectsFile)
}

function cancelText({ state }: Run): string {
  if (state === 'running') return 'The run is stopping. Changes that it has already committed stay.'
  return state === 'cancelled' ? 'The run was cancelled.' : `The cancel came too late: the run has already ${state}.`
}

const COLUMNS = ['run', 'state', 'attempt', 'kind', 'table', 'title', 'queued', 'started', 'ended', 'warnings']

function runLine(run: Run): string {
  const { id, state, attempt, kind, table, title, ...times } = run
  const tableName = table ? `${namespaceLabel(table.namespace)}.${table.table}` : '–'
  const { createdAtMs, startedAtMs, finishedAtMs } = times
  const isoTimes = [createdAtMs, startedAtMs, finishedAtMs].map((atMs) =>
    atMs === null ? '–' : new Date(atMs).toISOString(),
  )
  const counts = Object.entries(warningsOf(run)).map(([name, count]) => `${name}=${count}`)
  const warnings = counts.join(' ') || '–'
  return [id, state, attempt, runKindTitle(kind), tableName, title, ...isoTimes, warnings].join('\t')
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--limit takes a whole number, not "${text}"`)
  return Number(text)
}

function requireRunId(id: string | undefined, rest: readonly string[]): string {
  if (id === undefined) throw new UsageError('the run id is missing')
  if (rest[0] !== undefined) throw new UsageError(`unexpected argument "${rest[0]}"`)
  return id
}
