import 'server-only'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import type { Database } from '../database'
import { DatabaseAway } from '../database-away'
import { pauseBeforeRetry, TimeBudget } from '../time-budget'
import { describeAddress } from './address'
import { ServerClock } from './clock'
import { Connections } from './connections'
import { describeError, failureOf, isAway, OutOfReach } from './failures'
import { PostgresDatabase } from './postgres-database'
import { prepareSchema } from './prepare'
import type { PostgresSettings } from './settings'
import { type PostgresTimes, USUAL_TIMES } from './times'
import { type AuditEntry, readLastEntry } from './transaction'

/**
 * A database on a PostgreSQL server, for any number of processes on any number of machines. A server that is just
 * starting is waited for.
 *
 * @param closing ends the attempts: nobody wants the database any more
 * @throws {DatabaseAway} when the server cannot be reached
 * @throws {AppError} database-unavailable when its tables cannot be used
 */
export async function openPostgres(
  settings: PostgresSettings,
  log: Log,
  changedTimes: Partial<PostgresTimes> = {},
  closing: AbortSignal = new AbortController().signal,
): Promise<Database> {
  const times = { ...USUAL_TIMES, ...changedTimes }
  let connections: Connections | null = null
  try {
    connections = new Connections(settings, times, log)
    const clock = new ServerClock(connections, log)
    const lastEntry = await prepare(connections, clock, {
      schema: settings.schema,
      budgetMs: times.readBudgetMs,
      closing,
    })
    return new PostgresDatabase({ connections, clock, lastEntry, times, poolSize: settings.poolSize, log })
  } catch (error) {
    await connections?.end()
    if (error instanceof AppError) throw error
    const cause = reasonOf(error)
    const [address, reason] = [describeAddress(settings.url), describeError(cause)]
    // Without connections the address itself made no sense.
    if (connections !== null && isAway(cause)) throw new DatabaseAway(address, reason, error)
    throw new AppError('database-unavailable', `The database ${address} could not be opened: ${reason}`, {
      cause: error,
    })
  }
}

/** @returns the newest entry of the audit */
async function prepare(
  connections: Connections,
  clock: ServerClock,
  { schema, budgetMs, closing }: { schema: string; budgetMs: number; closing: AbortSignal },
): Promise<AuditEntry | null> {
  const budget = new TimeBudget(budgetMs)
  for (let attempts = 1; ; attempts += 1) {
    try {
      await connections.use((client) => prepareSchema(client, schema))
      const lastEntry = await connections.use(readLastEntry)
      await clock.start()
      return lastEntry
    } catch (error) {
      if (failureOf(reasonOf(error)).kind !== 'transient') throw error
      if (closing.aborted || !(await pauseBeforeRetry(budget, attempts))) throw error
    }
  }
}

/** Why there is no connection: a password that is wrong stays wrong. */
function reasonOf(error: unknown): unknown {
  return error instanceof OutOfReach ? error.cause : error
}
