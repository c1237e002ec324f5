import 'server-only'
import { AppError } from '@/lib/errors'
import type { NameMapping } from '@/lib/iceberg/properties/name-mapping'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { withFileName } from '@/lib/parquet/errors'
import { type ParquetFooter, readFooter } from '@/lib/parquet/footer'
import type { SchemaNode } from '@/lib/parquet/schema-node'
import { fieldIdResolver } from '@/lib/scan/read/data-file'
import { LAST_UPDATED_SEQUENCE_NUMBER, ROW_ID } from '@/lib/scan/read/metadata-columns'
import type { FileLayout } from '@/server/parquet/transcode/column-layout'
import { canFillNulls } from '@/server/parquet/transcode/fill-nulls'
import { differingLeaves } from '@/server/parquet/transcode/recorded-layout'
import type { LeftOut } from './left-out'

/** The settings that decide whether a file is as requested. */
export type RequestedFiles = {
  layout: FileLayout
  nameMapping: NameMapping | null
  /** Whether rows have ids that have to stay (format v3). */
  hasLineage: boolean
}

export type JudgedFile =
  | { kind: 'as-set' }
  /** `columns` has the differing columns. A column may have no id, and then has the settings of the table. */
  | { kind: 'differs'; footerBytes: number; columns: readonly { fieldId: number | null; storedBytes: number }[] }
  | { kind: 'left-out'; why: LeftOut }

/** Judges a file by its footer. @throws errors of the source that do not concern the file alone */
export async function judgeFile(
  source: ByteSource,
  requested: RequestedFiles,
  signal: AbortSignal,
): Promise<JudgedFile> {
  try {
    const footer = await readFooter(source, { signal })
    return await withFileName(source.name, () => judgeFooter(footer, requested))
  } catch (error) {
    const why = toLeftOut(error)
    if (why === null) throw error
    return { kind: 'left-out', why }
  }
}

/** Null for an error that says nothing about the file itself. */
export function toLeftOut(error: unknown): LeftOut | null {
  if (!(error instanceof AppError) || !FILE_ERRORS.has(error.code)) return null
  const isEncrypted = error.code === 'not-supported' && error.message.includes('encrypted')
  return { reason: isEncrypted ? 'encrypted' : 'unreadable', detail: error.message }
}

const FILE_ERRORS = new Set<string>(['file-damaged', 'file-missing', 'not-supported', 'too-large', 'location-refused'])

function judgeFooter(footer: ParquetFooter, { layout, nameMapping, hasLineage }: RequestedFiles): JudgedFile {
  const chunks = footer.rowGroups.flatMap(({ columns }) => columns)
  if (chunks.some(({ isEncrypted }) => isEncrypted)) {
    return { kind: 'left-out', why: { reason: 'encrypted', detail: null } }
  }
  const hasOwnIds = footer.leaves.some(({ fieldId }) => fieldId !== null)
  const fieldIdOf = hasOwnIds ? ({ fieldId }: SchemaNode) => fieldId : mappedFieldIds(footer, nameMapping)
  const leaves = differingLeaves(footer, layout, fieldIdOf)
  if (leaves.length === 0) return { kind: 'as-set' }
  if (!hasOwnIds && layout.byFieldId.size > 0) {
    return { kind: 'left-out', why: { reason: 'no-field-ids', detail: null } }
  }
  if (hasLineage && hasOddLineage(footer)) return { kind: 'left-out', why: { reason: 'row-lineage', detail: null } }
  const bytes = Map.groupBy(chunks, ({ leaf }) => leaf)
  const columns = leaves.map((leaf) => {
    const node = footer.leaves[leaf]
    const storedBytes = (bytes.get(leaf) ?? []).reduce((total, chunk) => total + chunk.storedBytes, 0)
    return { fieldId: node ? fieldIdOf(node) : null, storedBytes }
  })
  return { kind: 'differs', footerBytes: footer.footerBytes, columns }
}

/** By the table's name mapping; without one, no column has an id. */
function mappedFieldIds(footer: ParquetFooter, nameMapping: NameMapping | null): (node: SchemaNode) => number | null {
  return nameMapping === null ? () => null : fieldIdResolver(footer, nameMapping)
}

/**
 * Whether a file has row ids or sequence numbers of updates in columns whose nulls cannot be filled. A row with a null
 * inherits its value from the file, which a new file cannot provide.
 */
function hasOddLineage({ leaves }: ParquetFooter): boolean {
  return leaves.some((node) => node.fieldId !== null && isLineageId(node.fieldId) && !canFillNulls(node))
}

export function isLineageId(fieldId: number): boolean {
  return fieldId === ROW_ID.id || fieldId === LAST_UPDATED_SEQUENCE_NUMBER.id
}
