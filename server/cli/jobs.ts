import 'server-only'
import type { Services } from '@/server/services'

import { AppError } from '@/lib/errors'
import { listRuns, readRun, type Run } from '@/server/db/jobs/runs'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { readRejects } from '@/server/ingest/run/rejects-file'
import { cancelRun, retryRun } from '@/server/jobs/change-run'
import { namespaceLabel } from '@/lib/iceberg/identifiers'
import { readArguments, UsageError, type Verb } from './verb'

const DEFAULT_LIMIT = 20

export const jobsVerb: Verb = {
  summary: 'long work: list, cancel, retry, rejects',
  help: `Use: lakeshore jobs list [--limit <number>]
     lakeshore jobs cancel <run>
     lakeshore jobs retry <run>
     lakeshore jobs rejects <run>

list gives the newest runs, one a line: id, state, try, kind, table, title. cancel ends a run that waits at once,
and asks one that runs to end and take its things away. retry asks for a failed or cancelled run again, as a new one,
whose id is given; a worker does it. rejects prints the rows that a load left out: an object a line, with line, column,
value and reason.`,
  async run(args, terminal, { openServices }) {
    const { values, positionals } = readArguments(args, { limit: { type: 'string' } })
    const [action, id, ...rest] = positionals
    if (values.limit !== undefined && action !== 'list') throw new UsageError('--limit goes with jobs list')
    const caller = { actor: actorFor(COMMAND_LINE), requestId: null }
    const services = await openServices()
    switch (action) {
      case 'list':
        if (id !== undefined) throw new UsageError(`"${id}" is one word too many`)
        for (const run of await listRuns(services.database, { limit: parseLimit(values.limit) }))
          terminal.out(runLine(run))
        return 0
      case 'cancel': {
        terminal.say(cancelText(await cancelRun(services.database, requireRunId(id, rest), caller)))
        return 0
      }
      case 'retry': {
        const retry = await retryRun(services.database, requireRunId(id, rest), caller)
        terminal.out(retry.id)
        return 0
      }
      case 'rejects': {
        const text = await readRunRejects(services, requireRunId(id, rest))
        for (const line of text.split('\n')) if (line !== '') terminal.out(line)
        return 0
      }
      default:
        throw new UsageError(
          action === undefined ? 'what to do is missing' : `"${action}" is none of list, cancel, retry, rejects`,
        )
    }
  },
}

async function readRunRejects(services: Pick<Services, 'config' | 'database' | 'stores'>, id: string): Promise<string> {
  const run = await readRun(services.database, id)
  if (!run) throw new AppError('not-found', `There is no run ${id}.`)
  const rejectsFile = run.outcome?.rejectsFile ?? run.error?.facts.rejectsFile
  if (typeof rejectsFile !== 'string') throw new AppError('not-found', `The run ${id} has left no rows out.`)
  return readRejects(services, rejectsFile)
}

function cancelText({ state }: Run): string {
  if (state === 'running') return 'The run is asked to end. What it has committed by then stays.'
  return state === 'cancelled' ? 'The run is cancelled.' : `This came too late: the run has ${state} already.`
}

function runLine({ id, state, attempt, kind, table, title }: Run): string {
  const tableName = table ? `${namespaceLabel(table.namespace)}.${table.table}` : '–'
  return [id, state, attempt, kind, tableName, title].join('\t')
}

function parseLimit(text: string | undefined): number {
  if (text === undefined) return DEFAULT_LIMIT
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new UsageError(`--limit takes a whole number, not "${text}"`)
  return Number(text)
}

function requireRunId(id: string | undefined, rest: readonly string[]): string {
  if (id === undefined) throw new UsageError('the id of the run is missing')
  if (rest[0] !== undefined) throw new UsageError(`"${rest[0]}" is one word too many`)
  return id
}
