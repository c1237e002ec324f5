import type { ManifestEntry, ManifestFile } from './manifest'

/** Numbers of files and rows by status, as in a manifest list. */
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
  const withStatus = (status: ManifestEntry['status']) => entries.filter((entry) => entry.status === status)
  const countRows = (status: ManifestEntry['status']) =>
    withStatus(status).reduce((total, { dataFile }) => total + dataFile.recordCount, 0)
  return {
    addedFilesCount: withStatus('added').length,
    existingFilesCount: withStatus('existing').length,
    deletedFilesCount: withStatus('deleted').length,
    addedRowsCount: countRows('added'),
    existingRowsCount: countRows('existing'),
    deletedRowsCount: countRows('deleted'),
  }
}

/** Whether a manifest might list live files. A v1 writer may have left the counts out. */
export function mightHoldLiveFiles({
  addedFilesCount,
  existingFilesCount,
}: Pick<ManifestFile, 'addedFilesCount' | 'existingFilesCount'>): boolean {
  return addedFilesCount !== 0 || existingFilesCount !== 0
}
