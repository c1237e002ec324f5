import { AppError } from '@/lib/errors'
import type { TableMetadata } from './table-metadata'

/**
 * Format versions of tables. Version 4 is a draft, in which manifests and locations differ from those of earlier
 * versions: Lakeshore reads such a metadata file, but neither the files that it names nor anything that would change
 * the table.
 *
 * Spec: Iceberg table spec, *Format Versioning* and appendix E, *Version 4*.
 */

/** The newest version that Lakeshore reads and writes as a whole. */
export const LATEST_FORMAT_VERSION = 3
/** The newest version whose metadata files Lakeshore reads. */
const LATEST_READABLE_METADATA = 4

type Versioned = { formatVersion: number }

/** @throws {AppError} not-supported for a version whose metadata files Lakeshore cannot read */
export function toReadableVersion(formatVersion: number): TableMetadata['formatVersion'] {
  if (formatVersion === 1 || formatVersion === 2 || formatVersion === 3 || formatVersion === 4) return formatVersion
  throw new AppError(
    'not-supported',
    `Lakeshore does not support Iceberg tables of format version ${formatVersion}: it reads versions 1 to ${LATEST_FORMAT_VERSION}, and the metadata files of version ${LATEST_READABLE_METADATA}`,
    { facts: { formatVersion } },
  )
}

export function isSupportedFormat({ formatVersion }: Versioned): boolean {
  return formatVersion <= LATEST_FORMAT_VERSION
}

/** @throws {AppError} format-unsupported if only the metadata file of the table can be read */
export function requireSupportedFormat(metadata: Versioned): void {
  if (isSupportedFormat(metadata)) return
  const { formatVersion } = metadata
  throw new AppError(
    'format-unsupported',
    `The table has format version ${formatVersion}, which is still a draft: Lakeshore shows what its metadata file says, but cannot read its rows and files yet, and does not change it.`,
    { facts: { formatVersion } },
  )
}
