import 'server-only'
import { AppError } from '@/lib/errors'
import type { Log } from '@/server/log'
import type { Database } from '../database'
import { DatabaseUnreachable } from '../database-unreachable'
import { pauseBeforeRetry, TimeBudget } from '../time-budget'
import { describeAddress } from './address'
import { ServerClock } from './clock'
import { Connections } from './connections'
import { describeError, classifyFailure, isUnreachable, ConnectionUnavailable } from './failures'
import { PostgresDatabase } from './postgres-database'
import { prepareSchema } from './prepare'
import type { PostgresSettings } from '@/server/config/postgres-settings'
import { type PostgresTimeouts, DEFAULT_TIMEOUTS } from './timeouts'
import { type AuditEntry, readLastEntry } from './transaction'

/**
 * Opens a database on a PostgreSQL server, for any number of processes on any number of machines. Waits for a server
 * that is just starting.
 *
 * @param closing ends the attempts: the database is no longer needed
 * @throws {DatabaseUnreachable} when the server cannot be reached
 * @throws {AppError} database-unavailable when its tables cannot be used
 */
export async function openPostgres(
  settings: PostgresSettings,
  log: Log,
  timeoutOverrides: Partial<PostgresTimeouts> = {},
  closing: AbortSignal = new AbortController().signal,
): Promise<Database> {
  const timeouts = { ...DEFAULT_TIMEOUTS, ...timeoutOverrides }
  let connections: Connections | null = null
  try {
    connections = new Connections(settings, timeouts, log)
    const clock = new ServerClock(connections, log)
    const lastEntry = await prepare(connections, clock, {
      schema: settings.schema,
      budgetMs: timeouts.readBudgetMs,
      closing,
    })
    return new PostgresDatabase({ connections, clock, lastEntry, timeouts, poolSize: settings.poolSize, log })
  } catch (error) {
    await connections?.end()
    if (error instanceof AppError) throw error
    const cause = rootCause(error)
    const [address, reason] = [describeAddress(settings.url), describeError(cause)]
    // Without connections the address itself is invalid.
    if (connections !== null && isUnreachable(cause)) throw new DatabaseUnreachable(address, reason, error)
    throw new AppError('database-unavailable', `The database ${address} could not be opened: ${reason}`, {
      cause: error,
    })
  }
}

/** @returns the newest audit entry */
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
      if (classifyFailure(rootCause(error)).kind !== 'transient') throw error
      if (closing.aborted || !(await pauseBeforeRetry(budget, attempts))) throw error
    }
  }
}

/** The reason why there is no connection. A wrong password, for example, is not worth a retry. */
function rootCause(error: unknown): unknown {
  return error instanceof ConnectionUnavailable ? error.cause : error
}
