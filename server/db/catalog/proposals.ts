import 'server-only'
import { type Expression, type ExpressionBuilder, type SqlBool, sql } from 'kysely'
import { monotonicFactory } from 'ulid'
import {
  type EntryKind,
  joinNamespace,
  type Namespace,
  type NamespaceIdentifier,
  splitNamespace,
  type TableIdentifier,
} from '@/lib/names/identifiers'
import type { ProposedNamespaceAction, ProposedViewAction } from '@/lib/contract/proposals'
import type { ProposedAction } from '@/lib/contract/shapes/proposed-table-action'
import { type Change, type Database } from '../database'
import { insertIf, isBelow, ROW_COUNT } from '../insert-if'
import { change, type Dialect, query } from '../statement'
import type { Tables } from '../tables'

/** A proposal in a list. Its content can be as long as the rest of the list. */
export type ListedProposal = {
  proposalId: string
  entryKind: EntryKind
  catalog: string
  /** UUID of the table or view. Namespaces have none: {@link namespaceKey}. */
  tableUuid: string
  title: string
  note: string
  proposedBy: { userId: string; username: string }
  createdAtMs: number
  expiresAtMs: number
  /** `expired`: it was not decided in time. */
  state: Tables['proposals']['state'] | 'expired'
  /** The user who committed, returned or withdrew it. */
  decidedBy: string | null
  decidedAtMs: number | null
  /** Comment of that user. */
  comment: string | null
  /** The audit entry of the commit. */
  auditId: string | null
}

type OfTable = { entryKind: 'table'; action: ProposedAction }
type OfView = { entryKind: 'view'; action: ProposedViewAction }
type OfNamespace = { entryKind: 'namespace'; action: ProposedNamespaceAction }

/** Changes of a table that a user proposed, for another user to commit or to send back. */
export type TableProposal = ListedProposal & OfTable
/** The same for a view, whose uuid is `tableUuid`. */
export type ViewProposal = ListedProposal & OfView
/** The same of a namespace. */
export type NamespaceProposal = ListedProposal & OfNamespace
export type Proposal = TableProposal | ViewProposal | NamespaceProposal

/** A table, a view as the table of its name, or a namespace. */
export type ProposedOn = NamespaceIdentifier | TableIdentifier

/** In place of a uuid. The proposals of a namespace lose it when the namespace is dropped. */
export function namespaceKey(namespace: Namespace): string {
  return `namespace:${joinNamespace(namespace)}`
}

export type NewProposal = Pick<ListedProposal, 'proposalId' | 'tableUuid' | 'title' | 'note' | 'proposedBy'> & {
  on: ProposedOn
  /** The change of many tables that it is a part of. */
  bulkChangeId?: string
} & (OfTable | OfView | OfNamespace)

export const newProposalId: () => string = monotonicFactory()

/** Per entry of a catalog. */
export const MAX_OPEN_PROPOSALS = 20
/** A proposal that is not decided for this long can no longer be committed. */
export const PROPOSAL_LIFE_MS = 30 * 24 * 60 * 60_000

/** Fails the transaction when the entry has as many open proposals as it may have. */
export function addProposalChange({ proposalId, on, tableUuid, proposedBy, ...proposal }: NewProposal): Change {
  const { catalog } = on
  const { entryKind, title, note, action, bulkChangeId = null } = proposal
  return change(
    (dialect) => {
      const { db, nowMs } = dialect
      const open = db
        .selectFrom('proposals as other')
        .select(ROW_COUNT)
        .where('other.table_uuid', '=', tableUuid)
        .where('other.catalog', '=', catalog)
        .where('other.entry_kind', '=', entryKind)
        .where('other.state', '=', 'open')
        .where('other.expires_at_ms', '>', nowMs)
      const row = {
        id: proposalId,
        entry_kind: entryKind,
        catalog,
        table_uuid: tableUuid,
        namespace: joinNamespace(on.namespace),
        table_name: tableName(on),
        title,
        note,
        action: JSON.stringify(action),
        proposer_id: proposedBy.userId,
        proposer_name: proposedBy.username,
        created_at_ms: nowMs,
        expires_at_ms: sql<number>`${nowMs} + ${sql.lit(PROPOSAL_LIFE_MS)}`,
        state: 'open' as const,
        bulk_change_id: bulkChangeId,
      }
      return insertIf(dialect, 'proposals', row, isBelow(open, MAX_OPEN_PROPOSALS))
    },
    { expectedRows: 1, guards: ['proposals'] },
  )
}

/** Proposals of an entry, newest first. */
export async function listProposals(
  database: Database,
  {
    entryKind,
    catalog,
    tableUuid,
    limit,
  }: Pick<ListedProposal, 'entryKind' | 'catalog' | 'tableUuid'> & { limit: number },
): Promise<ListedProposal[]> {
  const rows = await database.read(
    query((dialect) =>
      selectListed(dialect)
        .where('table_uuid', '=', tableUuid)
        .where('catalog', '=', catalog)
        .where('entry_kind', '=', entryKind)
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit),
    ),
  )
  return rows.map(toListed)
}

/** How many proposals of a table or view wait for a decision. */
export async function countOpenProposals(
  database: Database,
  { catalog, tableUuid }: { catalog: string; tableUuid: string },
): Promise<number> {
  const [row] = await database.read(
    query(({ db, nowMs }) =>
      db
        .selectFrom('proposals')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('table_uuid', '=', tableUuid)
        .where('catalog', '=', catalog)
        .where('state', '=', 'open')
        .where('expires_at_ms', '>', nowMs),
    ),
  )
  return row?.count ?? 0
}

/**
 * The newest proposals that wait for a decision, of all entries that are there.
 *
 * @param isAlone only those that are not part of a change of many tables
 */
export async function listOpenProposals(
  database: Database,
  { limit, isAlone = false }: { limit: number; isAlone?: boolean },
): Promise<(ListedProposal & { on: ProposedOn })[]> {
  const rows = await database.read(
    query((dialect) =>
      selectListed(dialect)
        .select(['namespace', 'table_name'])
        // Matches the index of open proposals, which a parameter would not.
        .where('state', '=', sql.lit<'open'>('open'))
        .where('expires_at_ms', '>', dialect.nowMs)
        .where('namespace', 'is not', null)
        .$if(isAlone, (alone) => alone.where('bulk_change_id', 'is', null))
        .orderBy('created_at_ms', 'desc')
        .orderBy('id', 'desc')
        .limit(limit),
    ),
  )
  return rows.map(({ namespace, table_name: table, ...row }) => ({
    ...toListed(row),
    on: { catalog: row.catalog, namespace: splitNamespace(namespace ?? ''), ...(table !== null && { table }) },
  }))
}

/** The proposals of a change of many tables that wait for a decision, as one. */
export type OpenBulkProposal = Pick<ListedProposal, 'catalog' | 'title' | 'note' | 'createdAtMs' | 'expiresAtMs'> & {
  bulkChangeId: string
}

/** Newest first, by the last of their proposals. The first one that expires says when they do. */
export async function listOpenBulkProposals(
  database: Database,
  { limit }: { limit: number },
): Promise<OpenBulkProposal[]> {
  const rows = await database.read(
    query(({ db, nowMs }) =>
      db
        .selectFrom('proposals')
        .select(({ fn }) => [
          'bulk_change_id',
          'catalog',
          fn.max('title').as('title'),
          fn.max('note').as('note'),
          fn.max('created_at_ms').as('created_at_ms'),
          fn.min('expires_at_ms').as('expires_at_ms'),
        ])
        .where('state', '=', sql.lit<'open'>('open'))
        .where('expires_at_ms', '>', nowMs)
        .where('namespace', 'is not', null)
        .where('bulk_change_id', 'is not', null)
        .$narrowType<{ bulk_change_id: string }>()
        .groupBy(['bulk_change_id', 'catalog'])
        .orderBy(({ fn }) => fn.max('created_at_ms'), 'desc')
        .orderBy('bulk_change_id', 'desc')
        .limit(limit),
    ),
  )
  return rows.map((row) => ({
    bulkChangeId: row.bulk_change_id,
    catalog: row.catalog,
    title: row.title,
    note: row.note,
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
  }))
}

/** Follows a table or view that was renamed, dropped (null) or restored. */
export function moveProposalsChange(tableUuid: string, catalog: string, to: TableIdentifier | null): Change {
  return change(({ db }) =>
    db
      .updateTable('proposals')
      .set({ namespace: to && joinNamespace(to.namespace), table_name: to && to.table })
      .where('table_uuid', '=', tableUuid)
      .where('catalog', '=', catalog),
  )
}

/**
 * Ends the relation of proposals to a namespace that was dropped: another one of its name has none of them, and the open
 * ones can no longer be found.
 */
export function dropNamespaceProposalsChange(catalog: string, namespace: Namespace): Change {
  return change(({ db }) =>
    db
      .updateTable('proposals')
      .set({ namespace: null, table_uuid: '' })
      .where('table_uuid', '=', namespaceKey(namespace))
      .where('catalog', '=', catalog)
      .where('entry_kind', '=', 'namespace'),
  )
}

/** Null when the proposal does not exist. */
export async function findProposal(database: Database, proposalId: string): Promise<Proposal | null> {
  const [row] = await database.read(
    query((dialect) => selectListed(dialect).select('action').where('id', '=', proposalId)),
  )
  if (!row) return null
  const listed = toListed(row)
  if (listed.entryKind === 'view')
    return { ...listed, entryKind: 'view', action: JSON.parse(row.action) as ProposedViewAction }
  if (listed.entryKind === 'namespace')
    return { ...listed, entryKind: 'namespace', action: JSON.parse(row.action) as ProposedNamespaceAction }
  return { ...listed, entryKind: 'table', action: JSON.parse(row.action) as ProposedAction }
}

/**
 * Takes an open proposal from the lists of all entries if it is listed under this name; it stays in the history of its
 * table or view, wherever that is now.
 */
export function unlistProposalChange(proposalId: string, on: ProposedOn): Change {
  return change(({ db }) =>
    db
      .updateTable('proposals')
      .set({ namespace: null, table_name: null })
      .where('id', '=', proposalId)
      .where('catalog', '=', on.catalog)
      .where(hasName(on)),
  )
}

function selectListed({ db, nowMs }: Dialect) {
  return db
    .selectFrom('proposals')
    .select([
      'id',
      'entry_kind',
      'catalog',
      'table_uuid',
      'title',
      'note',
      'proposer_id',
      'proposer_name',
      'created_at_ms',
      'expires_at_ms',
      'state',
      'decided_by',
      'decided_at_ms',
      'comment',
      'audit_id',
    ])
    .select(sql<number>`CASE WHEN expires_at_ms <= ${nowMs} THEN 1 ELSE 0 END`.as('is_expired'))
}

function tableName(on: ProposedOn): string | null {
  return 'table' in on ? on.table : null
}

/** Whether the proposal is listed under this name. */
export function hasName(on: ProposedOn) {
  const table = tableName(on)
  return (eb: ExpressionBuilder<Tables, 'proposals'>): Expression<SqlBool> =>
    eb.and([
      eb('namespace', '=', joinNamespace(on.namespace)),
      table === null ? eb('table_name', 'is', null) : eb('table_name', '=', table),
    ])
}

type ListedRow = Omit<Tables['proposals'], 'action' | 'namespace' | 'table_name' | 'bulk_change_id'> & {
  is_expired: number
}

function toListed(row: ListedRow): ListedProposal {
  return {
    proposalId: row.id,
    entryKind: row.entry_kind,
    catalog: row.catalog,
    tableUuid: row.table_uuid,
    title: row.title,
    note: row.note,
    proposedBy: { userId: row.proposer_id, username: row.proposer_name },
    createdAtMs: row.created_at_ms,
    expiresAtMs: row.expires_at_ms,
    state: row.state === 'open' && row.is_expired === 1 ? 'expired' : row.state,
    decidedBy: row.decided_by,
    decidedAtMs: row.decided_at_ms,
    comment: row.comment,
    auditId: row.state === 'committed' ? row.audit_id : null,
  }
}
