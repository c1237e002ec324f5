import 'server-only'
import { AppError } from '@/lib/errors'

/**
 * The consequence of an error of PostgreSQL, or of the connection to it, for a statement. Codes are from PostgreSQL's
 * appendix *Error Codes*.
 */
export type Failure =
  /** Another attempt may succeed. `isConnectionLost`: on another connection. */
  | { kind: 'transient'; isConnectionLost: boolean }
  /** A row with this key already exists. */
  | { kind: 'duplicate' }
  | { kind: 'refused'; error: AppError }
  | { kind: 'unexpected' }

/** No connection was available, for whatever reason: the statement was not sent. */
export class ConnectionUnavailable extends Error {
  override readonly name = 'OutOfReach'

  constructor(cause: unknown) {
    super(`no connection to the database: ${describeError(cause)}`, { cause })
  }
}

/** serialization_failure, deadlock_detected, lock_not_available, query_canceled, out_of_memory. */
const TRANSIENT_CODES: ReadonlySet<string> = new Set(['40001', '40P01', '55P03', '57014', '53200'])
/**
 * too_many_connections, idle_in_transaction_session_timeout, transaction_timeout, read_only_sql_transaction (a server
 * that is no longer the primary). All codes of the classes connection_exception and operator_intervention count too,
 * unless they are in TRANSIENT_CODES.
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

/** Whether the connection can no longer be used. */
export function isConnectionLost(error: unknown): boolean {
  const failure = classifyFailure(error)
  return failure.kind === 'transient' && failure.isConnectionLost
}

/** Permanent reasons: no permission for the socket, a failed TLS handshake, a connection that the server rejects. */
const PERMANENT_CODES: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EPROTO', '08004', '08P01'])

/**
 * Whether the server is unreachable for the moment, so that waiting may help. It does not help when the server refuses.
 */
export function isUnreachable(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return isConnectionLost(error) && !PERMANENT_CODES.has(code)
}

/**
 * Whether the server itself answered COMMIT by saying that the transaction was rolled back. A lost connection, or a
 * server that shuts down, does not say that: the transaction may already have been durable.
 */
export function isCertainlyRolledBack(error: unknown): boolean {
  const code = toSqlState(error)
  return code !== null && !isConnectionLostCode(code)
}

/** The error in words, also for a host with several addresses. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describeError).join('; ')
  return error instanceof Error ? error.message : String(error)
}

function isConnectionLostCode(code: string): boolean {
  return CONNECTION_LOST_CODES.has(code) || CONNECTION_LOST_CLASSES.has(code.slice(0, 2))
}

/**
 * An error of the system (`ECONNRESET`), or one that `pg` words for a connection that is missing or does not answer.
 */
function isConnectionError(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string' && /^(E[A-Z]{3,}|EAI_[A-Z]+|ERR_STREAM_\w+)$/.test(error.code))
    return true
  if (error instanceof AggregateError) return error.errors.every(isConnectionError)
  return /connection (terminated|error)|timeout (exceeded|expired)|read timeout|not queryable/i.test(error.message)
}

/** The five characters of SQLSTATE; null for an error that is not the server's. */
function toSqlState(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return null
  return 'severity' in error && /^[0-9A-Z]{5}$/.test(error.code) ? error.code : null
}

function toRefusal(code: string, cause: unknown): AppError | null {
  switch (code) {
    case '22001':
      return new AppError(
        'invalid-request',
        'A name or a location is longer than the catalog’s tables in PostgreSQL can store: names have at most 255 characters, locations and values of namespace properties 1000. Nothing was changed.',
        { cause },
      )
    case '22021':
    case '22P05':
      return new AppError(
        'invalid-request',
        'A text contains a character that PostgreSQL cannot store. Nothing was changed.',
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
