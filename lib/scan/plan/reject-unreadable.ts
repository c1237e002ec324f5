import { AppError } from '@/lib/errors'
import type { DataFile, ManifestEntry, ManifestFile } from '@/lib/iceberg/manifest/manifest'
import type { TableMetadata } from '@/lib/iceberg/metadata/table-metadata'
import { type ManifestSource, readManifestEntries } from '../snapshot-manifests'

/** The kinds of delete files are counted in manifests until this many files are known. */
const MAX_COUNTED_DELETES = 1_000

/**
 * Rejects a snapshot that has delete files, with the number of each kind.
 *
 * @param manifests the manifests of deletes that hold live files
 */
export async function rejectDeleteFiles(
  metadata: TableMetadata,
  manifests: readonly ManifestFile[],
  source: ManifestSource,
): Promise<void> {
  if (manifests.length === 0) return
  const found: DataFile[] = []
  const deleteFiles = manifests.reduce(
    (sum, { addedFilesCount, existingFilesCount }) => sum + (addedFilesCount ?? 0) + (existingFilesCount ?? 0),
    0,
  )
  for (const manifest of manifests) {
    if (found.length >= MAX_COUNTED_DELETES) break
    source.signal?.throwIfAborted()
    for (const { status, dataFile } of await readManifestEntries(metadata, manifest, source)) {
      if (status !== 'deleted') found.push(dataFile)
    }
  }
  const count = (matches: (file: DataFile) => boolean) => found.filter(matches).length
  const deleteCounts = {
    positionDeleteFiles: count((file) => file.content === 'position-deletes' && file.fileFormat !== 'puffin'),
    deletionVectors: count((file) => file.content === 'position-deletes' && file.fileFormat === 'puffin'),
    equalityDeleteFiles: count((file) => file.content === 'equality-deletes'),
  }
  const kinds = [
    quantityOrNull(deleteCounts.positionDeleteFiles, 'position delete file'),
    quantityOrNull(deleteCounts.deletionVectors, 'deletion vector'),
    quantityOrNull(deleteCounts.equalityDeleteFiles, 'equality delete file'),
  ].filter((kind) => kind !== null)
  const known = `${found.length < deleteFiles ? 'at least ' : ''}${kinds.join(', ')}`
  throw new AppError(
    'not-supported',
    `This snapshot deletes rows with ${known}, which Lakeshore cannot apply yet. Its rows are not shown, because deleted rows would be among them.`,
    { facts: { deleteFiles, ...deleteCounts } },
  )
}

const READABLE_FORMATS: ReadonlySet<DataFile['fileFormat']> = new Set(['parquet', 'avro'])

/**
 * Rejects data files that are neither Parquet nor Avro.
 *
 * @param entries live ones, of one manifest
 * @param fileCount number of data files in the whole snapshot
 */
export function rejectOtherFormats(entries: readonly ManifestEntry[], fileCount: number): void {
  if (entries.every(({ status, dataFile }) => status === 'deleted' || READABLE_FORMATS.has(dataFile.fileFormat))) return
  const files = entries.flatMap(({ status, dataFile }) => (status === 'deleted' ? [] : [dataFile]))
  const formats = (['orc', 'puffin'] as const).map((format) => ({
    format,
    fileCount: files.filter(({ fileFormat }) => fileFormat === format).length,
  }))
  const kinds = formats
    .map((format) => quantityOrNull(format.fileCount, `${format.format.toUpperCase()} file`))
    .filter((kind) => kind !== null)
  const known = `${files.length < fileCount ? 'at least ' : ''}${kinds.join(', ')}`
  throw new AppError(
    'not-supported',
    `This snapshot has ${known} among its ${fileCount} data files, but Lakeshore reads only Parquet and Avro. Its rows are not shown, because some would be missing.`,
    {
      facts: {
        dataFiles: fileCount,
        ...Object.fromEntries(formats.map((format) => [`${format.format}Files`, format.fileCount])),
      },
    },
  )
}

function quantityOrNull(count: number, noun: string): string | null {
  return count === 0 ? null : `${count} ${noun}${count === 1 ? '' : 's'}`
}
