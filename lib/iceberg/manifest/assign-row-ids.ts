import { AppError } from '@/lib/errors'
import type { ManifestFile } from './manifest'

/**
 * Assigns first row ids, in order, to the data manifests of a snapshot that have none yet. A manifest takes as many ids
 * as it has rows, including those in files that already have ids: ids may be skipped, but never assigned twice.
 * Manifests from before format v3 get theirs with the first snapshot after the upgrade.
 *
 * Spec: Iceberg table spec, *Row Lineage*, *First Row ID Assignment*.
 *
 * @param firstRowId of the snapshot: the table's next row id
 * @returns the manifests in their order, and `addedRows` of the snapshot: the number of ids assigned
 * @throws {AppError} not-supported for a manifest without row counts
 */
export function assignRowIds(
  manifests: readonly ManifestFile[],
  firstRowId: string,
): { manifests: ManifestFile[]; addedRows: string } {
  let nextRowId = BigInt(firstRowId)
  const assigned = manifests.map((manifest) => {
    if (manifest.content === 'deletes' || manifest.firstRowId !== null) return manifest
    const firstOfManifest = nextRowId
    nextRowId += requireRowCount(manifest)
    return { ...manifest, firstRowId: String(firstOfManifest) }
  })
  return { manifests: assigned, addedRows: String(nextRowId - BigInt(firstRowId)) }
}

function requireRowCount({ manifestPath, addedRowsCount, existingRowsCount }: ManifestFile): bigint {
  if (addedRowsCount !== null && existingRowsCount !== null) return BigInt(addedRowsCount) + BigInt(existingRowsCount)
  throw new AppError(
    'not-supported',
    `The manifest ${manifestPath} does not state its row counts, so row ids cannot be assigned`,
    {
      facts: { manifestPath },
    },
  )
}
