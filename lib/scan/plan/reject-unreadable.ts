import { AppError } from '@/lib/errors'
import type { DataFile, ManifestEntry } from '@/lib/iceberg/manifest/manifest'

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
