import type { AsOf } from '@/lib/iceberg/as-of'
import { joinNamespace, type TableIdentifier } from '@/lib/iceberg/identifiers'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { PlannedFile, SignedScanPlan } from '@/lib/contract/scan'
import { asOfToInput } from '@/lib/contract/shapes/plain-values'
import { callEndpoint } from '../call/call-endpoint'
import { fileBytesUrl } from '../call/file-bytes-url'
import { decodeConstants } from '../planned-constants'
import type { LoadableFile } from './decode-messages'
import type { PlanOptions, TableScan } from './table-scan'

/** Requests the files with the rows of a table. @throws {AppError} not-found, not-supported, too-large … */
export async function planTable(identifier: TableIdentifier, asOf: AsOf, options: PlanOptions): Promise<TableScan> {
  const plan = await callEndpoint('scanTable', { ...identifier, ...asOfToInput(asOf) }, options)
  const { fields, schemaId } = plan.schema
  const leafCount = fields.reduce((sum, field) => sum + countLeaves(field.type), 0)
  return {
    key: [identifier.catalog, joinNamespace(identifier.namespace), identifier.table, plan.snapshotId, schemaId].join(
      '\n',
    ),
    snapshotId: plan.snapshotId,
    committedAtMs: plan.committedAtMs,
    fields,
    files: plan.files.map((file) => toLoadFile(file, plan, leafCount)),
    rowCount: plan.rowCount,
    fileBytes: plan.totalBytes,
  }
}

function toLoadFile(file: PlannedFile, { nameMapping }: SignedScanPlan, leafCount: number): LoadableFile {
  return {
    url: fileBytesUrl(file.token),
    name: file.path,
    byteLength: file.fileSizeBytes,
    recordCount: file.recordCount,
    tailBytes: guessTailBytes(file, leafCount),
    constants: decodeConstants(file),
    nameMapping,
  }
}

const FOOTER_BYTES = 1024
/** One column chunk in a footer, with its statistics. */
const CHUNK_BYTES = 350
/** The smallest row groups in common use (DuckDB's). */
const ROW_GROUP_ROWS = 122_880

/**
 * A guess at how many bytes at a file's end contain its footer: too few cost a second request, too many are read in
 * vain. At most a 64th of the file, so that footers stay small compared with the data.
 */
function guessTailBytes({ fileSizeBytes, recordCount }: PlannedFile, leafCount: number): number {
  const rowGroups = Math.ceil(recordCount / ROW_GROUP_ROWS)
  const guess = FOOTER_BYTES + leafCount * rowGroups * CHUNK_BYTES
  return Math.min(fileSizeBytes, guess, Math.max(4096, Math.ceil(fileSizeBytes / 64)), 64 * 1024)
}

function countLeaves(type: Type): number {
  if (typeof type === 'string') return 1
  const children: readonly Pick<NestedField, 'type'>[] =
    type.type === 'struct'
      ? type.fields
      : type.type === 'list'
        ? [{ type: type.element }]
        : [{ type: type.key }, { type: type.value }]
  return children.reduce((sum, child) => sum + countLeaves(child.type), 0)
}
