import 'server-only'
import { Pool, type PoolClient, types } from 'pg'
import type { Log } from '@/server/log'
import { parseAddress } from './address'
import { isConnectionLost, ConnectionUnavailable } from './failures'
import type { PostgresSettings } from './settings'
import type { PostgresTimeouts } from './timeouts'

const IDLE_TIMEOUT_MS = 30_000
/** An idle connection is checked after so long, so that one whose other end vanished is found out before it is used. */
const KEEP_ALIVE_AFTER_MS = 10_000
/** How long a connection may take to end in an orderly way. */
const END_GRACE_MS = 1_000

const { INT8, NUMERIC } = types.builtins

type TypeId = Parameters<typeof types.getTypeParser>[0]

/** Connections to the database, made as they are needed, with Lakeshore's schema as the only one they see. */
export class Connections {
  /** After which a statement is given up that the server did not answer. */
  readonly answerTimeoutMs: number
  readonly #pool: Pool
  readonly #open = new Set<PoolClient>()

  /** @throws {Error} when the address makes no sense */
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
      // A connection that was cut in the middle of a transaction must not hold its locks for long.
      idle_in_transaction_session_timeout: statementTimeoutMs,
      query_timeout: this.answerTimeoutMs,
      options: `-c search_path=${quoteIdentifier(schema).replaceAll(/[\\\s]/g, String.raw`\$&`)}`,
      types: { getTypeParser },
    })
    this.#pool.on('connect', (client) => {
      // A connection that ends fails the statement that it was to carry. Nobody else has to act on it.
      client.on('error', (error) => log.debug('a database connection ended', { reason: error.message }))
      this.#open.add(client)
      client.once('end', () => this.#open.delete(client))
    })
    this.#pool.on('error', () => undefined) // an idle connection, told of above; the pool makes another
  }

  /**
   * Does a piece of work with a connection of its own. One that failed, or that the work left within a transaction, is
   * not used again.
   *
   * @throws {ConnectionUnavailable} when there is no connection to do it with
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

  /** Waits for work that is under way. No connection is open any more when it resolves. */
  async end(): Promise<void> {
    await this.#pool.end()
    const ended = [...this.#open].map((client) => new Promise<void>((resolve) => void client.once('end', resolve)))
    const forceTimer = setTimeout(() => {
      for (const client of this.#open) client.connection.stream.destroy()
    }, END_GRACE_MS)
    await Promise.all(ended)
    clearTimeout(forceTimer)
  }
}

export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Integers of 64 bits and sums of them are numbers where a number is exact, as SQLite's are; else they throw. */
function getTypeParser(oid: TypeId): (text: string) => unknown {
  if (oid === INT8 || oid === NUMERIC) return parseExactNumber
  return types.getTypeParser(oid, 'text')
}

function parseExactNumber(text: string): number {
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw new Error(`${text} is too large for a number: select it as text`)
  return value
}
