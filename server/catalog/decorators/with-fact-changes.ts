import 'server-only'
import { describeVersion } from '@/lib/facts/describe-version'
import { toKnownVersion } from '@/lib/facts/known-version'
import type { Change } from '@/server/db/database'
import { tableChange } from '@/server/db/facts/fact-changes'
import {
  anyWrite,
  type CatalogWrite,
  type CommittedTable,
  type WriteDecorator,
  type WriteKind,
  type Written,
} from '../port/catalog-write'

/**
 * Each write of a table of our own catalog describes what it changed, for the history of the table. The row is stored
 * in the transaction of the write, so no change is lost, however soon the next one follows or snapshots expire.
 */
export function withFactChanges(): WriteDecorator {
  return (next) => (write, options) =>
    next(write, {
      ...options,
      alongside: (written) => [
        ...(options?.alongside?.(written) ?? []),
        ...toChanges(anyWrite(write), written, options?.committedAtMs),
      ],
    })
}

function toChanges(write: CatalogWrite, written: Written<WriteKind>, committedAtMs?: number): Change[] {
  const at = committedAtMs === undefined ? {} : { atMs: committedAtMs }
  switch (write.kind) {
    case 'rename-table':
      return [tableChange({ kind: 'renamed', table: write.table, to: write.to }, at)]
    case 'drop-table':
      return [tableChange({ kind: 'dropped', table: write.table }, at)]
    case 'create-table':
    case 'register-table':
    case 'commit-table':
    case 'commit-tables':
    case 'restore-metadata':
      return [written].flat().flatMap((one) => ('after' in one && isTable(one) ? [versionChange(one, at)] : []))
    default:
      return []
  }
}

function isTable(written: object): written is CommittedTable {
  const { after } = written as { after?: unknown }
  return typeof after === 'object' && after !== null && 'store' in after
}

function versionChange({ before, after, effort }: CommittedTable, at: { atMs?: number }): Change {
  const known = before && toKnownVersion(before.metadata)
  return tableChange(
    {
      kind: 'version',
      table: after.identifier,
      tableUuid: after.metadata.tableUuid,
      fromLocation: before && before.metadataLocation,
      toLocation: after.metadataLocation,
      description: {
        ...describeVersion(known, before && before.metadata, after.metadata),
        ...(effort && { effort }),
      },
    },
    at,
  )
}
