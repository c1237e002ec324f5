import 'server-only'
import { AppError, type ErrorCode } from '@/lib/errors'
import { cutToNameLimits } from '@/lib/names/name-limits'
import { intersectResources, type Resource } from '@/lib/permissions'
import type { Actor } from '@/server/auth/actor'
import { RefusedPermission } from '@/server/auth/refused-permission'
import { auditChange, type NewAuditEntry } from '@/server/db/audit'
import type { Database } from '@/server/db/database'
import type { Log } from '@/server/log'
import { clock, type Timer } from '@/server/timing/clock'

/** Refusals that the audit records: they are about who the caller is, or about a rule that an admin has set. */
const RECORDED_CODES: ReadonlySet<ErrorCode> = new Set(['forbidden', 'location-refused', 'wrong-credentials'])

/** The same refusal is written at once, and then at most once in this time, with its count. */
const WINDOW_MS = 60_000
/** Limits of different refusals of one user, and of all users; beyond them, refusals share an entry. */
const MAX_KEYS = { ofUser: 30, all: 5_000 } as const

type Refused = (count: number) => NewAuditEntry
type OpenWindow = { userId: string; count: number; last: Refused; timer: Timer }

/**
 * Records refused writes and sign-ins in the audit. A caller that repeats a refused request does not fill it: within a
 * minute the first of the same kind is an entry, and the others are one entry with their count. A process that is killed
 * loses the counts of its last minute.
 */
export class Refusals {
  readonly #database: Database
  readonly #log: Log
  readonly #windowMs: number
  readonly #windows = new Map<string, OpenWindow>()

  constructor({ database, log, windowMs = WINDOW_MS }: { database: Database; log: Log; windowMs?: number }) {
    this.#database = database
    this.#log = log
    this.#windowMs = windowMs
  }

  /**
   * Records that a write was refused, if it was because of a permission or a rule. Never throws.
   *
   * @param refused.operation its name in the contract or in the REST catalog
   * @param refused.on the resource of the request, unless the error names the refused one
   * @param refused.tableCount how many tables it names; one if absent
   */
  async recordRequest(
    error: unknown,
    refused: { actor: Actor; operation: string; on: Resource; requestId: string; tableCount?: number },
  ): Promise<void> {
    if (!isRecorded(error)) return
    const { actor, operation, requestId, tableCount = 1 } = refused
    const on = targetOf(error, refused.on)
    const { code, reason } = describe(error)
    const tables = tableCount > 1 ? ` The request names ${tableCount} tables.` : ''
    const kind = [operation, code, on.catalog, on.namespace, on.table]
    await this.#record(actor.userId, kind, (count) => ({
      actor,
      via: actor.via ?? null,
      action: 'refuse-request',
      ...toTarget(on),
      after: { refusal: { operation, code, reason: `${reason}${tables}`, count } },
      requestId,
    }))
  }

  /**
   * Records a wrong password. An unknown name is not recorded, because people type passwords into the wrong field.
   */
  async recordSignIn(
    { code, message }: AppError,
    attempt: {
      user: { userId: string; username: string; disabledAtMs: number | null } | null
      address: string
      requestId: string
    },
  ): Promise<void> {
    const { user, address, requestId } = attempt
    const isDisabled = user !== null && user.disabledAtMs !== null
    const why = isDisabled ? 'The user is disabled.' : user ? 'Wrong password.' : 'No user has the name.'
    const actor = user ?? { userId: 'unknown', username: 'unknown user' }
    await this.#record(actor.userId, ['sign-in', address], (count) => ({
      actor: { userId: actor.userId, username: actor.username, origin: { kind: 'console' } },
      action: 'refuse-sign-in',
      after: { session: { address }, refusal: { operation: 'signIn', code, reason: `${why} ${message}`, count } },
      requestId,
    }))
  }

  /** Records that a person with an account at the identity provider was refused. */
  async recordProviderSignIn(refused: {
    code: string
    reason: string
    user: { userId: string; username: string } | null
    identity: { issuer: string; subject: string }
    address: string
    requestId: string | null
  }): Promise<void> {
    const { code, reason, user, identity, address, requestId } = refused
    const actor = user ?? { userId: 'unknown', username: 'unknown user' }
    await this.#record(actor.userId, ['provider-sign-in', code, identity.subject], (count) => ({
      actor: { userId: actor.userId, username: actor.username, origin: { kind: 'console' } },
      action: 'refuse-sign-in',
      after: {
        session: { address, provider: identity.issuer },
        identity,
        refusal: { operation: 'signIn', code, reason, count },
      },
      requestId,
    }))
  }

  /** Writes the counts of all open windows, before the process ends. */
  async flush(): Promise<void> {
    await Promise.all([...this.#windows.keys()].map((key) => this.#closeWindow(key)))
  }

  async #record(userId: string, kind: readonly unknown[], refused: Refused): Promise<void> {
    const key = this.#keyFor(userId, kind)
    const open = this.#windows.get(key)
    if (open) {
      open.count += 1
      open.last = refused
      return
    }
    this.#openWindow(key, userId, refused)
    await this.#write(refused(1))
  }

  #keyFor(userId: string, kind: readonly unknown[]): string {
    const key = JSON.stringify([userId, kind])
    if (this.#windows.has(key)) return key
    const ofUser = [...this.#windows.values()].filter((open) => open.userId === userId).length
    if (this.#windows.size >= MAX_KEYS.all) return 'others'
    return ofUser >= MAX_KEYS.ofUser ? JSON.stringify([userId]) : key
  }

  #openWindow(key: string, userId: string, last: Refused): void {
    const timer = clock.after(this.#windowMs, () => void this.#closeWindow(key))
    timer.unref()
    this.#windows.set(key, { userId, count: 0, last, timer })
  }

  async #closeWindow(key: string): Promise<void> {
    const open = this.#windows.get(key)
    if (!open) return
    open.timer.cancel()
    this.#windows.delete(key)
    if (open.count === 0) return
    this.#openWindow(key, open.userId, open.last)
    await this.#write(open.last(open.count))
  }

  async #write(entry: NewAuditEntry): Promise<void> {
    try {
      await this.#database.commit([auditChange(entry)])
    } catch (error) {
      // The request is refused with its own reason, whether or not the audit could be written.
      this.#log.error(error, { doing: 'recording a refusal', action: entry.action, requestId: entry.requestId })
    }
  }
}

function isRecorded(error: unknown): error is AppError {
  if (error instanceof RefusedPermission) return true
  return error instanceof AppError && (RECORDED_CODES.has(error.code) || error.facts['protected'] !== undefined)
}

/** The caller reads that a hidden resource does not exist; the audit has the reason. */
function describe(error: AppError): { code: ErrorCode; reason: string } {
  if (!(error instanceof RefusedPermission) || error.code === 'forbidden')
    return { code: error.code, reason: error.message }
  const reason = `This needs the permission ${error.permission}. The caller may not see the resource, so the answer was that it does not exist.`
  return { code: 'forbidden', reason }
}

/**
 * The more exact of the two: the request names a new table, the refusal one of several tables. Callers choose the
 * names, and an entry is stored for years.
 */
function targetOf(error: AppError, requested: Resource): Resource {
  const isOfResource = error instanceof RefusedPermission
  const { catalog, namespace, table } = isOfResource
    ? (intersectResources(requested, error.resource) ?? error.resource)
    : requested
  return cutToNameLimits({
    ...(catalog !== undefined && { catalog }),
    ...(namespace !== undefined && { namespace }),
    ...(table !== undefined && { table }),
  })
}

/** The target of the request: a table, a namespace, or neither. */
function toTarget({ catalog, namespace, table }: Resource): Pick<NewAuditEntry, 'table' | 'namespace'> {
  if (catalog === undefined || namespace === undefined || namespace.length === 0) return {}
  return table === undefined ? { namespace: { catalog, namespace } } : { table: { catalog, namespace, table } }
}
