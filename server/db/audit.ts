import 'server-only'
import { monotonicFactory } from 'ulid'
import type { ActingClient } from '@/lib/contract/shapes/acting-client'
import type { DescribedChange } from '@/lib/contract/shapes/described-change'
import type { ChangeOrigin } from '@/lib/contract/shapes/change-origin'
import type { Intent } from '@/lib/changes/intents/intent'
import { joinNamespace, type Namespace, type TableIdentifier } from '@/lib/names/identifiers'
import type { Resource } from '@/lib/permissions'
import type { Change } from './database'
import { change } from './statement'
import type { Tables } from './tables'

/**
 * Who changed what, before and after. Rows are only ever added, in the transaction of the change: a row means that the
 * change happened, unless its outcome says otherwise. The order of `seq` is the order of writing, independent of the
 * writers' clocks.
 */

/** The outcome of a write that its catalog never acknowledged to us; null if it was acknowledged. */
export type AuditOutcome = Tables['audit']['outcome']

/** The changed part of a table, before or after the change; null: not set, or not there. */
export type AuditState = {
  metadataLocation?: string | null
  /** `namespace.table`, when the table was renamed. */
  name?: string
  /** The levels of the namespace in that name. */
  namespace?: Namespace
  properties?: Readonly<Record<string, string | null>>
  /**
   * The `schema`, `partition spec` and `sort order` that new data is written with: `id 1`; the `format version`: `2`. Of a
   * view its `version`, `dialects`, `default namespace`, `default catalog` and `schema`.
   */
  layout?: Readonly<Record<string, string | null>>
  /** After: what the commit did to the columns, the partition spec and the sort order. Absent if that is too long. */
  layoutChanges?: readonly DescribedChange[]
  /** After: the names of the columns whose settings are in the properties, by field id. */
  columnNames?: Readonly<Record<string, string>>
  /** After: the intents of the commit; before: those that undo it. Without the properties. */
  intents?: readonly Intent[]
  /** The snapshots that the commit added, oldest first, at most a hundred. */
  snapshots?: readonly { snapshotId: string; operation: string }[]
  /** Snapshot ids by branch or tag. */
  refs?: Readonly<Record<string, string | null>>
  /** How long branches and tags are retained, in words; null: the table default, or the ref is not there. */
  retention?: Readonly<Record<string, string | null>>
  /** The proposal that was made, decided or committed, and the user who made it. Of a table when it does not say. */
  proposal?: {
    proposalId: string
    title: string
    proposedBy: string
    comment?: string
    entryKind?: 'view' | 'namespace'
  }
  /** For an expiry: the counts before the commit (null: counting took too long), and the run that removes the files. */
  expiry?: {
    snapshotCount: number
    fileCount: number | null
    sizeBytes: number | null
    removal: { runId: string; startsAtMs: number } | null
  }
  /** After the undo of an expiry: the snapshots that it put back, of many the newest hundred, oldest first. */
  restored?: { snapshotCount: number; snapshotIds: readonly string[] }
  /** How many snapshots the table had, if the commit removed some or put earlier ones back. */
  snapshotCount?: number
  /** After: the commit time of the newest snapshot that the commit removed. */
  removedUntilMs?: number
  /** The snapshot that a commit published, and the saved checks that had passed on it. */
  checks?: { snapshotId: string; passed: readonly string[] }
  /** For a load: the columns for which a file had no field, and the fields that were left out. */
  fields?: { absentColumns?: string; skippedFields?: string }
  /** For a namespace: whether the console commits proposals only. */
  policy?: { requiresProposal: boolean; includesEngines?: boolean }
  /** The user that was changed. */
  user?: { username: string; role: string; displayName?: string; isService?: boolean }
  /** The access token that was changed; never its secret. */
  token?: {
    tokenId: string
    name: string
    username: string
    role: string
    on?: Resource
    expiresAtMs: number
    /** Until when the secret before a rotation is accepted. */
    oldSecretEndsAtMs?: number
  }
  /** A group, and who joined or left it. */
  group?: { name: string; member?: string }
  /** A role on a resource, and its holder. */
  grant?: { holder: string; role: string; on: Resource }
  /** A request for access, and its answer. */
  accessRequest?: { username: string; role: string; on: Resource; state: string; comment?: string | null }
  /** A saved query that others see, or saw; `sql` null: only its owner does. */
  query?: { queryId: string; name: string; sql: string | null; isShared: boolean }
  /** A run that was started, cancelled or retried. */
  run?: { id: string; kind: string; title: string }
  /** A change of many tables, and how many of them have each result after a run of it. */
  bulkChange?: { bulkChangeId: string; catalog: string; counts: Readonly<Record<string, number>> }
  /** The settings of a schedule. */
  schedule?: {
    id: string
    cron: string
    timeZone: string
    isEnabled: boolean
    /** Those of a schedule that a user created. */
    title?: string
    owner?: string
    startsBy?: string
    watchedTables?: readonly string[]
    pausedBecause?: string
  }
  /**
   * Settings contain no secret; replaced secrets are only named. Of a test: the name that was typed, null if none was, and
   * `address`, the scheme, host and port that it connected to.
   */
  connection?: {
    name: string | null
    settings?: object
    changedSecrets?: readonly string[]
    address?: string | null
    failedStep?: string | null
  }
  /** Why a request or a sign-in was refused; `count`: how often, within the minute that the entry covers. */
  refusal?: { operation: string; code: string; reason: string; count: number }
  /** Where a browser was signed in or out from. */
  session?: { address: string | null; provider?: string }
  /** The identity of a user at a provider. */
  identity?: { issuer: string; subject: string }
  /** The groups of a user that an identity provider names. */
  providerGroups?: readonly string[]
  /** The export of the audit. */
  export?: { format: string; filter: Readonly<Record<string, string>> }
}

/** The actions of entries for refusals, which changed nothing. */
export const REFUSED_ACTIONS: readonly string[] = ['refuse-request', 'refuse-sign-in']

/** The actions of entries for what was tried and failed, and changed nothing. */
export const FAILED_ACTIONS: readonly string[] = ['fail-connection-test']

/** Whether the change of an entry is known to have been made. */
export function hasHappened({ outcome, action }: Pick<AuditEntry, 'outcome' | 'action'>): boolean {
  return ![...REFUSED_ACTIONS, ...FAILED_ACTIONS].includes(action) && (outcome === null || outcome === 'committed')
}

/** Whether the entry with a table is about a view: it has the view as the table of its name. */
export function isOfView({ action, after }: Pick<AuditEntry, 'action' | 'after'>): boolean {
  return /-view(-|$)/.test(action) || after?.proposal?.entryKind === 'view'
}

export type AuditEntry = {
  /** A ULID. */
  id: string
  atMs: number
  actor: { userId: string; username: string }
  /** The program that made the change over the REST catalog; null for a change from the console. */
  via: ActingClient | null
  /** Null: the server itself, without a request or a run. */
  origin: ChangeOrigin | null
  /** `set-properties`, `roll-back`, `append`, `undo` … */
  action: string
  table: TableIdentifier | null
  /** Set when the change is to a namespace itself, not to a table in it. */
  namespace: { catalog: string; namespace: Namespace } | null
  tableUuid: string | null
  before: AuditState | null
  after: AuditState | null
  requestId: string | null
  outcome: AuditOutcome
  /** The entry that this one undid. */
  undoes: string | null
  /** The entry that undid this one. */
  undoneBy: string | null
}

/** The caller's part; id and time are assigned here. Omitted fields are null. */
export type NewAuditEntry = Pick<AuditEntry, 'action' | 'requestId'> & {
  /** With where they act from, if that is not a request of the console. */
  actor: AuditEntry['actor'] & { origin?: ChangeOrigin }
} & Partial<Pick<AuditEntry, 'via' | 'table' | 'namespace' | 'tableUuid' | 'before' | 'after' | 'undoes' | 'outcome'>>

/** For a caller that refers to the entry elsewhere, like a stored response under an idempotency key. */
export const newAuditId: (atMs?: number) => string = monotonicFactory()

/**
 * The row of an entry, to be written with the change.
 *
 * @param atMs when the change happened, if that was not now
 */
export function auditChange(
  entry: NewAuditEntry,
  { id = newAuditId(), atMs }: { id?: string; atMs?: number } = {},
): Change {
  const target = entry.table ?? entry.namespace
  const origin = toOrigin(entry)
  return change(
    ({ db, nowMs }) =>
      db.insertInto('audit').values({
        id,
        at_ms: atMs ?? nowMs,
        actor_id: entry.actor.userId,
        actor_name: entry.actor.username,
        action: entry.action,
        catalog: target?.catalog ?? null,
        namespace: target ? joinNamespace(target.namespace) : null,
        table_name: entry.table?.table ?? null,
        table_uuid: entry.tableUuid ?? null,
        before: entry.before ? JSON.stringify(entry.before) : null,
        after: entry.after ? JSON.stringify(entry.after) : null,
        request_id: entry.requestId,
        undoes: entry.undoes ?? null,
        via: entry.via ? JSON.stringify(entry.via) : null,
        metadata_location: entry.after?.metadataLocation ?? null,
        origin: origin === null ? null : JSON.stringify(origin),
        outcome: entry.outcome ?? null,
      }),
    { expectedRows: 1 },
  )
}

function toOrigin({ via, actor, requestId }: NewAuditEntry): ChangeOrigin | null {
  if (via) return { kind: 'engine' }
  return actor.origin ?? (requestId === null ? null : { kind: 'console' })
}
