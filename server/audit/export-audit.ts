import 'server-only'
import type { AuditFilter } from '@/lib/contract/audit'
import { MAX_EXPORTED_AUDIT_ENTRIES } from '@/lib/contract/shapes/plain-values'
import { namespaceLabel } from '@/lib/names/identifiers'
import type { Actor } from '@/server/auth/actor'
import { auditChange } from '@/server/db/audit'
import { searchAudit } from '@/server/db/audit-search'
import type { Services } from '@/server/services'
import { AUDIT_FORMATS } from './audit-lines'
import { parsePosition, positionText } from './audit-position'
import { toAuditEntryView } from './audit-view'

const PAGE_SIZE = 500

export type AuditExport = AuditFilter & { format: keyof typeof AUDIT_FORMATS; before?: string | undefined }

/** Records that the actor exports entries, before they get any. */
export async function recordExport(
  { database }: Pick<Services, 'database'>,
  { format, before: _before, ...filter }: AuditExport,
  { actor, requestId }: { actor: Actor; requestId: string },
): Promise<void> {
  const shown = Object.entries(filter).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? namespaceLabel(value) : String(value)]],
  )
  await database.commit([
    auditChange({
      actor,
      via: actor.via ?? null,
      action: 'export-audit',
      after: { export: { format, filter: Object.fromEntries(shown) } },
      requestId,
    }),
  ])
}

/**
 * Entries as text, a piece per page, newest first. The last piece says whether older ones were left out.
 *
 * @param maxEntries how many are exported; for tests
 */
export async function* exportLines(
  { database, keys }: Pick<Services, 'database' | 'keys'>,
  { format, before, ...filter }: AuditExport,
  maxEntries = MAX_EXPORTED_AUDIT_ENTRIES,
): AsyncGenerator<string> {
  const { header, toLine, toCutLine } = AUDIT_FORMATS[format]
  yield header
  let position = before === undefined ? undefined : parsePosition(before)
  for (let left = maxEntries; ; ) {
    const page = await searchAudit(database, filter, {
      limit: Math.min(PAGE_SIZE, left),
      ...(position !== undefined && { before: position }),
    })
    left -= page.entries.length
    yield page.entries.map((entry) => toLine(toAuditEntryView(keys, entry, { shows: 'alone' }))).join('')
    if (page.nextBefore === null) return
    position = page.nextBefore
    if (left === 0) {
      yield toCutLine(positionText(position))
      return
    }
  }
}
