import type { ManifestEntry, ManifestFile } from './manifest'

/** Files and their rows by status, as a manifest list counts them. */
export function countEntries(
  entries: readonly Pick<ManifestEntry, 'status' | 'dataFile'>[],
): Pick<
  ManifestFile,
  | 'addedFilesCount'
  | 'existingFilesCount'
  | 'deletedFilesCount'
  | 'addedRowsCount'
  | 'existingRowsCount'
  | 'deletedRowsCount'
> {
  const of = (status: ManifestEntry['status']) => entries.filter((entry) => entry.status === status)
  const rows = (status: ManifestEntry['status']) =>
    of(status).reduce((total, { dataFile }) => total + dataFile.recordCount, 0)
  return {
    addedFilesCount: of('added').length,
    existingFilesCount: of('existing').length,
    deletedFilesCount: of('deleted').length,
    addedRowsCount: rows('added'),
    existingRowsCount: rows('existing'),
    deletedRowsCount: rows('deleted'),
  }
}
