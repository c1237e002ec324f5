import 'server-only'
import { AppError } from '@/lib/errors'
import { requireSupportedFormat } from '@/lib/iceberg/metadata/supported-format'
import type { TableIdentifier } from '@/lib/names/identifiers'

/** The format versions that loads write. */
const WRITABLE_FORMAT_VERSIONS: readonly number[] = [2, 3]

/**
 * Checks this before anything is read or created.
 *
 * @throws {AppError} not-supported, format-unsupported
 */
export function requireWritableFormat(formatVersion: number, { namespace, table }: TableIdentifier): void {
  if (WRITABLE_FORMAT_VERSIONS.includes(formatVersion)) return
  requireSupportedFormat({ formatVersion })
  const name = [...namespace, table].join('.')
  throw new AppError(
    'not-supported',
    `Rows can be loaded into tables of format version 2 or 3, but ${name} has version ${formatVersion}. Upgrade it first: \
in Spark, ALTER TABLE ${name} SET TBLPROPERTIES ('format-version' = '2'). An upgrade cannot be undone.`,
    { facts: { formatVersion } },
  )
}

/** @throws {AppError} not-supported */
export function requireCreatableFormat(formatVersion: string): void {
  if (WRITABLE_FORMAT_VERSIONS.some((writable) => String(writable) === formatVersion)) return
  throw new AppError(
    'not-supported',
    `Lakeshore creates tables for loads in format version 2 or 3, not ${formatVersion}.`,
    { facts: { formatVersion } },
  )
}
