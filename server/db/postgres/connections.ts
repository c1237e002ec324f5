import 'server-only'
import { Pool, type PoolClient, types } from 'pg'
import type { Log } from '@/server/log'
import { parseAddress } from './address'
import { isConnectionLost, ConnectionUnavailable } from './failures'
import type { PostgresSettings } from '@/server/config/postgres-settings'
import { clock } from '@/server/timing/clock'
import type { PostgresTimeouts } from './timeouts'

const IDLE_TIMEOUT_MS = 30_000
/** An idle connection is probed after this time, so that a dead one is detected before it is used. */
const KEEP_ALIVE_AFTER_MS = 10_000
/** How long a connection may take to close cleanly. */
const END_GRACE_MS = 1_000
/**
 * Sums over 10,000 tables fit into this memory, and take half the time without temporary files. Compiling a statement
 * takes longer than our statements do.
 */
const PLANNING = ['work_mem=32MB', 'jit=off']

const { INT8, NUMERIC } = types.builtins

type TypeId = Parameters<typeof types.getTypeParser>[0]

/** Connections to the database, opened as needed. Lakeshore's schema is the only one on their search path. */
export class Connections {
  /** After this time the client gives up a statement that the server did not answer. */
  readonly answerTimeoutMs: number
  readonly #pool: Pool
  readonly #open = new Set<PoolClient>()

  /** @throws {Error} when the address is invalid */
  constructor({ url, schema, poolSize, statementTimeoutMs }: PostgresSettings, timeouts: PostgresTimeouts, log: Log) {
    this.answerTimeoutMs = statementTimeoutMs + timeouts.answerGraceMs
    this.#pool = new Pool({
      ...parseAddress(url),
      max: poolSize,
      application_name: 'lakeshore',
      connectionTimeoutMillis: timeouts.connectTimeoutMs,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_AFTER_MS,
      allowExitOnIdle: true,
      statement_timeout: statementTimeoutMs,
      lock_timeout: statementTimeoutMs,
      // A connection that was cut within a transaction must not hold its locks for long.
      idle_in_transaction_session_timeout: statementTimeoutMs,
      query_timeout: this.answerTimeoutMs,
      options: [`search_path=${quoteIdentifier(schema).replaceAll(/[\\\s]/g, String.raw`\$&`)}`, ...PLANNING]
        .map((setting) => `-c ${setting}`)
        .join(' '),
      types: { getTypeParser },
    })
    this.#pool.on('connect', (client) => {
      // A connection that ends fails the statement that it was carrying. No further handling is needed.
      client.on('error', (error) => log.debug('a database connection ended', { reason: error.message }))
      this.#open.add(client)
      client.once('end', () => this.#open.delete(client))
    })
    this.#pool.on('error', () => undefined) // an idle connection, handled above; the pool opens another
  }

  /**
   * Runs work on a dedicated connection. A connection that failed, or that the work left within a transaction, is not
   * reused.
   *
   * @throws {ConnectionUnavailable} when no connection is available
   */
  async use<Result>(work: (client: PoolClient) => Promise<Result>): Promise<Result> {
    const client = await this.#pool.connect().catch((error: unknown) => {
      throw new ConnectionUnavailable(error)
    })
    let isLost = false
    try {
      return await work(client)
    } catch (error) {
      isLost = isConnectionLost(error)
      throw error
    } finally {
      client.release(isLost || client.getTransactionStatus() !== 'I')
    }
  }

  /** Waits for work in progress. No connection is open when it resolves. */
  async end(): Promise<void> {
    await this.#pool.end()
    const ended = [...this.#open].map((client) => new Promise<void>((resolve) => void client.once('end', resolve)))
    const forceTimer = clock.after(END_GRACE_MS, () => {
      for (const client of this.#open) client.connection.stream.destroy()
    })
    await Promise.all(ended)
    forceTimer.cancel()
  }
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** 64-bit integers and their sums become numbers if that is exact, as in SQLite; otherwise the parser throws. */
function getTypeParser(oid: TypeId): (text: string) => unknown {
  if (oid === INT8 || oid === NUMERIC) return parseExactNumber
  return types.getTypeParser(oid, 'text')
}

function parseExactNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${text} is too large for a number: select it as text`)
  return value
}
