import 'server-only'
import { entryLabel, type TableIdentifier } from '@/lib/names/identifiers'
import type { ChangedRow } from '@/server/catalog/port/catalog-write'
import type { LoadedTable, LoadedView } from '@/server/catalog/port/loaded-table'
import { moveProposalsChange } from '@/server/db/catalog/proposals'
import { moveShortcutsChange } from '@/server/db/catalog/shortcuts'
import type { Change } from '@/server/db/database'
import { requireUnprotected } from '@/server/table/protection'
import type { Attempt } from '../pipeline/attempt'
import type { ChangeServices } from '../pipeline/change-request'

/** A rename or a drop of a table, or of a view as the table of its name. */
type NameRelease = {
  action: string
  /** Null if its metadata cannot be read. */
  entry: LoadedTable | LoadedView | null
  from: TableIdentifier
  /** Its new name; absent: it is dropped. */
  to?: TableIdentifier
  /** Further changes. */
  alongside?: (row: ChangedRow) => readonly Change[]
}

/**
 * The options of a write that takes its name from a table or a view: they record it, and move the proposals.
 *
 * @throws {AppError} not-found when the proposal is for another entry; invalid-request when the entry is protected
 */
export function releaseName(
  attempt: Attempt<ChangeServices>,
  { action, entry, from, to, alongside = () => [] }: NameRelease,
) {
  const [kind, uuid] = entry === null ? [] : kindAndUuid(entry)
  attempt.requireSame(uuid)
  if (entry !== null) requireUnprotected(entry, kind)
  const toEntry = ({ metadataLocation }: ChangedRow) =>
    attempt.entry({
      action,
      table: to ?? from,
      tableUuid: uuid ?? null,
      before: { metadataLocation, ...(to && { name: entryLabel(from), namespace: from.namespace }) },
      after: to ? { metadataLocation, name: entryLabel(to), namespace: to.namespace } : null,
    })
  return attempt.recorded({
    known: toEntry({ metadataLocation: entry?.metadataLocation ?? null }),
    toEntry,
    alongside: (row: ChangedRow) => [
      ...(uuid === undefined
        ? []
        : [moveProposalsChange(uuid, from.catalog, to ?? null), moveShortcutsChange(uuid, from.catalog, to ?? null)]),
      ...alongside(row),
    ],
  })
}

function kindAndUuid({ metadata }: LoadedTable | LoadedView): ['table' | 'view', string] {
  return 'tableUuid' in metadata ? ['table', metadata.tableUuid] : ['view', metadata.viewUuid]
}
