import type { NewTableDraft } from '@/lib/changes/new-table/new-table-draft'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { indexFields } from '@/lib/iceberg/schema/schema'
import { typeLabel } from '@/lib/iceberg/schema/type-label'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { type ChosenColumn, type ColumnMisfits, misfitsSentence } from '@/lib/ingest/sample/column-misfits'
import type { Sample, SampledColumn } from './sample-column'

const NUMERIC = new Set(['int', 'long', 'decimal', 'float', 'double'])
const FRACTIONS = new Set(['float', 'double'])

/** The key under which the misfits of a chosen column are known. */
export function chosenKey(column: ChosenColumn): string {
  return JSON.stringify([column.path, typeLabel(column.type)])
}

/** The columns of the file with another type than it suggests, by their ids. */
export function chosenColumns(sample: Sample, { schema }: NewTableDraft): ReadonlyMap<number, ChosenColumn> {
  const fields = indexFields(schema)
  return new Map(
    [...sample.columns].flatMap(([fieldId, sampled]) => {
      const type = fields.get(fieldId)?.field.type
      const path = sample.paths.get(fieldId) ?? []
      return type === undefined || isSuggested(type, sampled) ? [] : [[fieldId, { path, type }] as const]
    }),
  )
}

/** Types within a nested column have columns of their own. */
function isSuggested(type: Type, { type: suggested }: SampledColumn): boolean {
  if (typeof type === 'string') return type === suggested
  return suggested === '' || suggested.startsWith(`${type.type}<`)
}

/**
 * Why the type of a column needs a look, by the id of the column: it is a guess, or values of the file do not fit it.
 *
 * @param chosen as {@link chosenColumns} returns them
 * @param misfits of chosen columns, by their {@link chosenKey}, as far as they are counted; an error if they could not be
 */
export function sampleDoubts(
  { columns, countMisfits }: Pick<Sample, 'columns' | 'countMisfits'>,
  chosen: ReadonlyMap<number, ChosenColumn>,
  misfits: ReadonlyMap<string, ColumnMisfits | Error>,
): ReadonlyMap<number, string> {
  return new Map(
    [...columns].flatMap(([fieldId, sampled]) => {
      const column = chosen.get(fieldId)
      const doubts =
        column === undefined
          ? [sampled.doubt]
          : countMisfits === null
            ? [suggestionOf(sampled)]
            : doubtsOf(column.type, sampled, misfits.get(chosenKey(column)))
      const known = doubts.filter((doubt) => doubt !== null)
      return known.length === 0 ? [] : [[fieldId, known.join('; ')] as const]
    }),
  )
}

/** All that is known of a file whose values were not read. */
function suggestionOf({ type, doubt }: SampledColumn): string {
  if (doubt !== null) return `the file suggests ${type}: ${doubt}`
  return `the file has ${type === '' ? 'a nested column' : type}`
}

function doubtsOf(type: Type, sampled: SampledColumn, misfits: ColumnMisfits | Error | undefined): (string | null)[] {
  const { remarks = [], hasLeadingZeros = false, exactType = null } = sampled
  const kind = typeof type === 'string' ? parsePrimitive(type).kind : type.type
  return [
    ...remarks,
    hasLeadingZeros && NUMERIC.has(kind) ? 'digits with leading zeros, which a number does not keep' : null,
    FRACTIONS.has(kind) && exactType !== null ? `${exactType} is exact` : null,
    describeMisfits(type, misfits),
    typeof type === 'string' && exactType !== null && hasFewerDecimals(type, exactType)
      ? `${exactType} holds all decimals`
      : null,
  ]
}

function describeMisfits(type: Type, misfits: ColumnMisfits | Error | undefined): string | null {
  if (misfits === undefined) return 'looking for values that do not fit'
  if (misfits instanceof Error) return `whether its values fit is not known: ${misfits.message}`
  return misfitsSentence(misfits, type)
}

function hasFewerDecimals(type: PrimitiveType, exactType: PrimitiveType): boolean {
  const [chosen, exact] = [parsePrimitive(type), parsePrimitive(exactType)]
  return chosen.kind === 'decimal' && exact.kind === 'decimal' && chosen.scale < exact.scale
}
