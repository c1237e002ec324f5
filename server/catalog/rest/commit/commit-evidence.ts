import 'server-only'
import { AppError } from '@/lib/errors'
import { applyUpdates } from '@/lib/iceberg/commit/apply-updates'
import { tableChangeToJson } from '@/lib/iceberg/commit/table-change-json'
import { stringifyExactJson } from '@/lib/iceberg/json/exact-json'
import type { CommittedTable } from '@/server/catalog/port/catalog-write'
import type { LoadedTable } from '@/server/catalog/port/loaded-table'
import type { WriteEvidence } from '@/server/db/catalog/write-evidence'
import { type SentCommit, snapshotsOf, toBase } from './reconcile'

/** Per table. A longer change is recognised by its snapshots alone. */
const MAX_CHANGE_CHARS = 1_000_000

/** Evidence of whether these commits, sent as one request, were made. */
export function commitEvidence(sent: readonly SentCommit[]): WriteEvidence {
  return {
    kind: 'commits',
    commits: sent.map(({ identifier, before, change }) => {
      const text = stringifyExactJson(tableChangeToJson(change, before?.metadata ?? null))
      return {
        identifier,
        base: toBase(before),
        snapshotIds: snapshotsOf(change),
        change: text.length > MAX_CHANGE_CHARS ? null : text,
      }
    }),
  }
}

/** The tables as the commits leave them. The catalog decides about the metadata file. */
export function expectedCommits(sent: readonly SentCommit[]): CommittedTable[] {
  return sent.flatMap(({ before, change }) => {
    if (before === null) return []
    return [{ before, after: { ...before, metadata: expectedMetadata(before, change), metadataLocation: '' } }]
  })
}

/** Unchanged if our rules are stricter than those of the catalog. */
function expectedMetadata({ metadata }: LoadedTable, { updates }: SentCommit['change']): LoadedTable['metadata'] {
  try {
    return applyUpdates(metadata, updates, { nowMs: metadata.lastUpdatedMs })
  } catch (error) {
    if (error instanceof AppError) return metadata
    throw error
  }
}
