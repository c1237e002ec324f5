import 'server-only'
import { AppError } from '@/lib/errors'
import { appendMetadataLog, applyUpdates, checkRequirements } from '@/lib/iceberg/apply-change'
import type { TableRef } from '@/lib/iceberg/identifiers'
import { propertyValue } from '@/lib/iceberg/property-value'
import type { TableMetadata } from '@/lib/iceberg/table-metadata'
import type { TableUpdate } from '@/lib/iceberg/table-update'
import type { ChangeOn, CommitOptions, LoadedTable } from '../catalog-client'
import { loadTable, type Parts } from './load-table'
import { labelOf } from './names'
import { checkLocations, putMetadata } from './put-metadata'
import { swapMetadata } from './rows'

/** Iceberg's default of `commit.retry.num-retries`; the largest that is obeyed keeps a commit bounded. */
const DEFAULT_RETRIES = 4
const MOST_RETRIES = 20
/** A commit takes milliseconds here, so retries start sooner than Iceberg's 100 ms for object stores. */
const RETRY_PAUSE_MS = { shortest: 20, longest: 2_000 }

/**
 * Compare-and-swap with rebase and retry: the change is made, checked and applied on the metadata that the swap then
 * expects, so a version that somebody else put in between is never written over.
 */
export async function commitTable(
  parts: Parts,
  ref: TableRef,
  change: ChangeOn,
  options: CommitOptions = {},
): Promise<LoadedTable> {
  for (let retries = 0; ; retries += 1) {
    const before = await loadTable(parts, ref, options.signal)
    const { requirements, updates } = typeof change === 'function' ? await change(before) : change
    checkRequirements(before.metadata, requirements)
    checkLocations(parts, updates)
    const metadata = nextMetadata(before, updates)
    if (metadata === null) return before
    const next = { ref, metadata, store: parts.store }
    const swap = (to: string) => swapMetadata(ref, before.metadataLocation, to)
    const after = await putMetadata(parts, { before, next }, swap, options)
    if (after) return after
    if (retries >= retriesOf(before.metadata)) {
      throw new AppError(
        'commit-conflict',
        `Others kept committing to ${labelOf(ref)}: given up after ${retries + 1} tries. Nothing was changed.`,
      )
    }
    await retryPause(retries)
  }
}

/** Null when the updates change nothing. */
function nextMetadata(before: LoadedTable, updates: readonly TableUpdate[]): TableMetadata | null {
  const { metadata, metadataLocation } = before
  // Times in the metadata never go backwards, also when this machine's clock does.
  const nowMs = Math.max(Date.now(), metadata.lastUpdatedMs)
  const previous = { metadataFile: metadataLocation, timestampMs: metadata.lastUpdatedMs }
  const updated = applyUpdates(metadata, updates, { nowMs })
  return updated === metadata ? null : appendMetadataLog(updated, previous)
}

function retriesOf({ properties }: TableMetadata): number {
  const asked = Number(propertyValue(properties, 'commit.retry.num-retries') ?? DEFAULT_RETRIES)
  return Number.isInteger(asked) && asked >= 0 ? Math.min(asked, MOST_RETRIES) : DEFAULT_RETRIES
}

/** Scattered, so that two writers that met do not meet again. */
function retryPause(retries: number): Promise<void> {
  const longest = Math.min(RETRY_PAUSE_MS.longest, RETRY_PAUSE_MS.shortest * 2 ** retries)
  return new Promise((resolve) => setTimeout(resolve, longest * Math.random()))
}
