import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * What an error of PostgreSQL, or of the connection to it, means for a statement. Codes are of PostgreSQL's appendix
 * *Error Codes*.
 */
export type Failure =
  /** Another attempt may work. `isConnectionLost`: on another connection. */
  | { kind: 'transient'; isConnectionLost: boolean }
  /** A row with this key is there. */
  | { kind: 'duplicate' }
  | { kind: 'refused'; error: AppError }
  | { kind: 'unexpected' }

/** No connection could be had, for whatever reason: the statement was not sent. */
export class ConnectionUnavailable extends Error {
  override readonly name = 'OutOfReach'

  constructor(cause: unknown) {
    super(`no connection to the database: ${describeError(cause)}`, { cause })
  }
}

/** serialization_failure, deadlock_detected, lock_not_available, query_canceled, out_of_memory. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014', '53200'])
/**
 * too_many_connections, idle_in_transaction_session_timeout, transaction_timeout, read_only_sql_transaction: a server
 * that was the primary and is no more. Of the classes connection_exception and operator_intervention all others.
 */
const CONNECTION_LOST_CODES: ReadonlySet<string> = new Set(['53300', '25P03', '25P04', '25006'])
const CONNECTION_LOST_CLASSES: ReadonlySet<string> = new Set(['08', '57'])

export function classifyFailure(error: unknown): Failure {
  if (error instanceof ConnectionUnavailable) return { kind: 'transient', isConnectionLost: true }
  const code = toSqlState(error)
  if (code === null)
    return isConnectionError(error) ? { kind: 'transient', isConnectionLost: true } : { kind: 'unexpected' }
  if (TRANSIENT_CODES.has(code)) return { kind: 'transient', isConnectionLost: false }
  if (isConnectionLostCode(code)) return { kind: 'transient', isConnectionLost: true }
  if (code === '23505') return { kind: 'duplicate' }
  const refused = toRefusal(code, error)
  return refused ? { kind: 'refused', error: refused } : { kind: 'unexpected' }
}

/** Whether the connection is of no more use. */
export function isConnectionLost(error: unknown): boolean {
  const failure = classifyFailure(error)
  return failure.kind === 'transient' && failure.isConnectionLost
}

/** Reasons that stay: no right to a socket, a failed TLS handshake, a refusal of whatever the server is told. */
const PERMANENT_CODES: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EPROTO', '08004', '08P01'])

/** Whether nobody can be reached for the moment: waiting may help, which it does not where the server refuses. */
export function isUnreachable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return isConnectionLost(error) && !PERMANENT_CODES.has(code)
}

/**
 * Whether the server itself said that the transaction is undone, in answer to COMMIT. A connection that ended, or a
 * server that shuts down, says nothing of the kind: the transaction may have been durable already.
 */
export function isCertainlyRolledBack(error: unknown): boolean {
  const code = toSqlState(error)
  return code !== null && !isConnectionLostCode(code)
}

/** In words, of several addresses of one host as well. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function isConnectionLostCode(code: string): boolean {
  return CONNECTION_LOST_CODES.has(code) || CONNECTION_LOST_CLASSES.has(code.slice(0, 2))
}

/** Of the system (`ECONNRESET`), or in the words that `pg` has for a connection that is not there or does not answer. */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string' && /^(E[A-Z]{3,}|EAI_[A-Z]+|ERR_STREAM_\w+)$/.test(error.code))
    return true
  if (error instanceof AggregateError) return error.errors.every(isConnectionError)
  return /connection (terminated|error)|timeout (exceeded|expired)|read timeout|not queryable/i.test(error.message)
}

/** The five characters of SQLSTATE; null of an error that is not the server's. */
function toSqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  return 'severity' in error && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null
}

function toRefusal(code: string, cause: unknown): AppError | null {
  switch (code) {
    case '22001':
      return new AppError(
        'invalid-request',
        'A name or a location is longer than the catalog’s tables in PostgreSQL can hold: names have at most 255 characters, locations and values of namespace properties 1000. Nothing was changed.',
        { cause },
      )
    case '22021':
    case '22P05':
      return new AppError(
        'invalid-request',
        'A text holds a character that PostgreSQL cannot hold. Nothing was changed.',
        {
          cause,
        },
      )
    case '53100':
      return new AppError('storage-full', 'The disk of the database is full. Nothing was changed.', { cause })
    default:
      return null
  }
}
