import { AppError } from '@/lib/errors'
import type { ManifestFile } from './manifest'

/**
 * Gives the data manifests of a snapshot that have no row ids yet theirs, one after the other. A manifest takes as many
 * as it has rows, also those of files that brought theirs along: ids may be left out, but not given twice. Manifests
 * from before format v3 get theirs with the first snapshot after it.
 *
 * Spec: Iceberg table spec, *Row Lineage*, *First Row ID Assignment*.
 *
 * @param firstRowId of the snapshot: the table's next row id
 * @returns the manifests in their order, and `addedRows` of the snapshot: how many ids were given
 * @throws {AppError} not-supported for a manifest that does not say how many rows it has
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
  throw new AppError('not-supported', `The manifest ${manifestPath} does not say its rows, so they cannot get ids`, {
    facts: { manifestPath },
  })
}
