import 'server-only'
import type { AuditCounts, AuditDetail, AuditFilter, AuditPage } from '@/lib/contract/audit'
import { AppError } from '@/lib/errors'
import { listAuditFrom, readAudit } from '@/server/db/audit-list'
import { countAudit } from '@/server/db/audit-counts'
import { searchAudit } from '@/server/db/audit-search'
import type { Services } from '@/server/services'
import { hasReverse } from '@/server/table/commit/undo-plan'
import { parsePosition, positionText } from './audit-position'
import { toAuditEntryView, toIntents } from './audit-view'

const PAGE_SIZE = 100
const MAX_FOLLOWED = 5

/** @throws {AppError} invalid-request for a filter by a part of a name */
export function requireWholeTarget({ catalog, namespace, table }: AuditFilter): void {
  if (namespace !== undefined && catalog === undefined)
    throw new AppError('invalid-request', 'A filter by namespace needs the catalog.')
  if (table !== undefined && namespace === undefined)
    throw new AppError('invalid-request', 'A filter by table needs the namespace.')
}

export async function readAuditPage(
  { database, keys }: Pick<Services, 'database' | 'keys'>,
  { before, ...filter }: AuditFilter & { before?: string | undefined },
): Promise<Omit<AuditPage, 'badges'>> {
  requireWholeTarget(filter)
  const page = await searchAudit(database, filter, {
    limit: PAGE_SIZE,
    ...(before !== undefined && { before: parsePosition(before) }),
  })
  const { entries, nextBefore, isTruncated, oldestReadAtMs } = page
  return {
    entries: entries.map((entry) => toAuditEntryView(keys, entry, { shows: 'inList' })),
    nextBefore: nextBefore === null ? null : positionText(nextBefore),
    isTruncated,
    oldestReadAtMs,
  }
}

/** @throws {AppError} invalid-request for a filter by a part of a name */
export async function readAuditCounts(
  { database }: Pick<Services, 'database'>,
  filter: AuditFilter,
): Promise<AuditCounts> {
  requireWholeTarget(filter)
  return countAudit(database, filter)
}

/** @throws {AppError} not-found */
export async function readAuditDetail(
  { database, keys }: Pick<Services, 'database' | 'keys'>,
  auditId: string,
): Promise<Omit<AuditDetail, 'badges'>> {
  const entry = await readAudit(database, auditId)
  if (!entry) throw new AppError('not-found', 'The audit has no such entry.', { facts: { auditId } })
  const { tableUuid } = entry
  const from =
    tableUuid === null
      ? []
      : await listAuditFrom(database, { tableUuid, from: auditId, limit: MAX_FOLLOWED + 1, readable: [{}] })
  return {
    entry: toAuditEntryView(keys, entry, { shows: 'alone' }),
    isUndoable: entry.undoneBy === null && hasReverse(entry),
    intents: toIntents(entry),
    metadata: {
      before: entry.before?.metadataLocation ?? null,
      after: entry.after?.metadataLocation ?? null,
    },
    laterEntries: from
      .filter(({ id }) => id !== auditId)
      .slice(0, MAX_FOLLOWED)
      .map((next) => {
        const { id, atMs, actor, action, outcome } = toAuditEntryView(keys, next, { shows: 'inList' })
        return { id, atMs, actor, action, outcome }
      }),
  }
}
