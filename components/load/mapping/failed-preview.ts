import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { TableDetail } from '@/lib/contract/table/tables'
import { AppError } from '@/lib/errors'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { LoadMapping } from '@/lib/ingest/load-mapping'

/** The last preview that was read of a file, with the mapping of that time. */
export type LastPreview = { preview: LoadPreview; mapping: LoadMapping }

/** The part of a preview that the mapping shows. */
export type MappedPreview = Pick<
  LoadPreview,
  'fields' | 'columns' | 'rows' | 'rejects' | 'rowsRejected' | 'unmappedFields' | 'missingColumns'
>

/** Why the first rows of a file are not shown, although a load reads every row, however many there are; null if it is not so. */
export function unshownReason(error: Error | null): string | null {
  return error instanceof AppError && error.code === 'too-large' && error.facts['limit'] === 'preview'
    ? error.message
    : null
}

/**
 * The column whose expression needs more memory than there is; null if a preview failed for another reason, or if it may
 * be one of several expressions.
 *
 * @param last expressions that could be computed then are not the cause
 */
export function findFailedExpression(
  error: Error | null,
  mapping: LoadMapping,
  last: Pick<LastPreview, 'mapping'> | null,
): string | null {
  if (!isMemory(error)) return null
  const [column, ...others] = computedColumns(mapping).filter((name) => {
    const [now, before] = [mapping.columns[name], last?.mapping.columns[name]]
    return !(now && before && 'sql' in now && 'sql' in before && now.sql === before.sql)
  })
  return others.length === 0 ? (column ?? null) : null
}

/** Advice after a failed preview; undefined where the error says it. */
export function failedPreviewAdvice(
  error: Error,
  mapping: LoadMapping,
  failedColumn: string | null,
): string | undefined {
  if (!isMemory(error)) return undefined
  if (failedColumn !== null) return 'Change it in step 3.'
  return computedColumns(mapping).length > 0
    ? 'Change the expressions in step 3, or load the rows in parts.'
    : 'Load the rows in parts.'
}

/**
 * The fields and columns while a file cannot be read: as last read, otherwise those of the mapping, so that the choice
 * that is the cause can be changed; undefined without any.
 */
export function lastKnownPreview(
  last: LastPreview | null,
  { columns, ignoredFields }: LoadMapping,
  { schema }: Pick<TableDetail, 'schema'>,
): MappedPreview | undefined {
  // Values of earlier choices are not those of the present ones.
  if (last !== null) return { ...last.preview, rows: [] }
  const mapped = schema.fields.filter(({ name }) => Object.hasOwn(columns, name))
  const sources = mapped.flatMap(({ name }) => columns[name] ?? [])
  const names = new Set([...sources.flatMap((source) => ('field' in source ? source.field : [])), ...ignoredFields])
  if (mapped.length + names.size === 0) return undefined
  return {
    fields: [...names].map((name) => ({ name, samples: [] })),
    columns: mapped.map(({ name, type }) => ({ name, type: typeLabel(type), rejectedCount: 0, problem: null })),
    rows: [],
    rejects: [],
    rowsRejected: 0,
    unmappedFields: [],
    missingColumns: [],
  }
}

/** The preview with the reason at the column that cannot be filled. */
export function withProblem<Preview extends Pick<LoadPreview, 'columns'>>(
  preview: Preview,
  column: string,
  problem: string,
): Preview {
  return { ...preview, columns: preview.columns.map((one) => (one.name === column ? { ...one, problem } : one)) }
}

/** Columns with an expression. */
export function computedColumns({ columns }: LoadMapping): string[] {
  return Object.entries(columns).flatMap(([name, source]) => ('sql' in source ? [name] : []))
}

function isMemory(error: Error | null): boolean {
  return error instanceof AppError && error.code === 'too-large' && error.facts['limit'] === 'memory'
}
