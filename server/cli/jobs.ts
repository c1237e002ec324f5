import 'server-only'
import { createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { runKindTitle } from '@/lib/contract/run-kinds'
import { AppError } from '@/lib/errors'
import { listRuns, readRun, type Run } from '@/server/db/jobs/runs'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { findRejectedRecords } from '@/server/ingest/run/rejects/rejected-records-file'
import { formatCount, formatQuantity } from '@/lib/format/count'
import { countRows, parseRejects, readRunRejects } from '@/server/ingest/run/rejects/run-rejects'
import { findAwaited } from '@/server/ingest/run/waiting/awaited-uploads'
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
     lakeshore jobs rejects <run> [--save-records <file>]

list prints the newest runs, one per line with tabs between: id, state, attempt, kind, table, title, and when the run
was queued, started and ended, in UTC. The names of the columns go to standard error, so that a script reads runs only.
cancel ends a queued run at once, and asks a running one to stop and clean up. retry queues a failed or cancelled run
again, as a new run, and prints its id; a worker then executes it. rejects prints the rows that a load rejected: one
object per line, with file, line, column, value, reason and text, the record as it came, up to 2,000 characters; of a
JSON array whose records share lines also record, its number in the array. It lists up to 10,000 values, and says how
many rows are only counted. With --save-records the records are written to a new file as they came, in the encoding of
the load: correct them there, and load the file with the same options and ingest --corrects <run>.`,
  async run(args, terminal, { openServices }) {
    const { values, positionals } = readArguments(args, {
      limit: { type: 'string' },
      'save-records': { type: 'string' },
    })
    const [action, id, ...rest] = positionals
    if (values.limit !== undefined && action !== 'list') throw new UsageError('--limit belongs to jobs list')
    const recordsFile = values['save-records']
    if (recordsFile !== undefined && action !== 'rejects')
      throw new UsageError('--save-records belongs to jobs rejects')
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
        const retry = await retryRun(services.database, requireRunId(id, rest), caller, (run, actor) =>
          findAwaited(services.database, run, actor),
        )
        terminal.print(retry.id)
        return 0
      }
      case 'rejects': {
        const runId = requireRunId(id, rest)
        const run = await readRun(services.database, runId)
        if (!run) throw new AppError('not-found', `There is no run ${runId}.`)
        if (recordsFile !== undefined) {
          const records = await findRejectedRecords(services, run, terminal.signal)
          await saveBytes(recordsFile, await records.open({ start: 0, end: records.sizeBytes }))
          return 0
        }
        const text = await readRunRejects(services, run)
        for (const line of text.split('\n')) if (line !== '') terminal.print(line)
        const listed = countRows(parseRejects(text))
        const rowCount = run.outcome?.['rowsRejected'] ?? run.error?.facts['rowsRejected']
        if (typeof rowCount === 'number' && listed < rowCount)
          terminal.printMessage(
            `${formatCount(listed)} of ${formatQuantity(rowCount, 'rejected row')} are listed; the others are only counted.`,
          )
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

/** @throws {AppError} already-exists: it may be the file with the corrections */
async function saveBytes(file: string, bytes: ReadableStream<Uint8Array>): Promise<void> {
  try {
    await pipeline(bytes, createWriteStream(file, { flags: 'wx', mode: 0o600 }))
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    throw new AppError('already-exists', `${file} exists already. Nothing was written.`, { cause })
  }
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
