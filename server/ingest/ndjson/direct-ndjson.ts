import 'server-only'
import type { NestedField, PrimitiveType } from '@/lib/iceberg/schema/types'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import { absentColumn } from '../cast/column-cast'
import { delimitedRelation } from '../csv/csv-relation'
import { commonCast } from '../input/common-cast'
import { lacksValue } from '../input/field-matches'
import type { LoadPlan } from '../input/load-plan'
import type { InputSize, LoadedInput } from '../input/loaded-input'
import type { MappingProblems } from '../input/mapping-problems'
import type { FieldUse, InputRequest } from '../stage-request'
import { countObjectLines } from './line-shapes'
import { anyMember, isStringInJson, type Member, memberCast, memberText, memberValue } from './member-sql'
import { readRecordShape, RECORD_END, type RecordShape } from './record-shape'

/**
 * NDJSON whose records are all written as the first one. DuckDB divides each line at the quotes of its keys, as if it
 * were CSV, and the row fails unless its members have the expected keys and one value each. Its own reader of JSON would
 * change numbers.
 *
 * @param size of the file and its records, from its beginning
 * @returns null when the first record, the schema or the mapping need the exact reader
 */
export async function openDirectNdjson(
  request: InputRequest,
  { plan, problems, size }: { plan: LoadPlan; problems: MappingProblems; size: InputSize },
): Promise<LoadedInput | null> {
  problems.throwFirst()
  const { path } = request.input
  const shape = await readRecordShape(path)
  if (shape === null || !isDirect(plan, shape)) return null
  const casts = plan.columns.map(({ field, source }, i) => {
    const common = commonCast(field, source, request, problems)
    if (common !== null) return common
    const type = source.kind === 'field' && shape.keys.includes(source.name) ? toTextType(field) : null
    return type === null ? absentColumn(field) : memberCast(field, type, `c${i}`)
  })
  const lines = countObjectLines(path)
  lines.catch(() => {
    // Handled where it is awaited; if reading fails before that, its error is reported.
  })
  return {
    relation: toRelation(path, plan, shape),
    casts,
    plan,
    fieldUse: toFieldUse(plan, shape),
    computed: null,
    rows: null,
    delimiter: null,
    rowsRead: null,
    bytesPerRow: Math.max(1, size.bytesPerRow - countFormBytes(shape)),
    approximateRows: size.approximateRows,
    isExact: async (rowCount) => (await lines) === rowCount,
    discard: async () => {},
  }
}

/** Whether each column takes one member, or none, and each member that fills none may be left out. */
function isDirect(
  { columns, ignoredFields, ignoreExtra, takesRest, needsLines }: LoadPlan,
  { keys }: RecordShape,
): boolean {
  if (takesRest || needsLines) return false
  const filled = new Set<string>()
  for (const { field, source } of columns) {
    if (source.kind === 'expression') return false
    if (source.kind !== 'field') continue
    const isPresent = keys.includes(source.name)
    if (isPresent ? toTextType(field) === null : source.isNamed || lacksValue(field)) return false
    filled.add(source.name)
  }
  return (
    [...ignoredFields].every((name) => keys.includes(name)) &&
    keys.every((key) => filled.has(key) || ignoredFields.has(key) || ignoreExtra)
  )
}

/** Null for a type whose values are not read from one text. */
function toTextType({ type }: NestedField): PrimitiveType | null {
  return typeof type === 'string' && parsePrimitive(type).kind !== 'unknown' ? type : null
}

function toRelation(path: string, { columns }: LoadPlan, shape: RecordShape): string {
  const { keys, prefixes, delimiter } = shape
  const last = keys.length - 1
  const member = (key: number, value: string, isString: boolean): Member => ({
    text: `f${key}`,
    value,
    prefix: prefixes[key] ?? '',
    end: key === last ? RECORD_END : '',
    isString,
  })
  const filled = columns.flatMap(({ field, source }, i) => {
    const key = source.kind === 'field' ? keys.indexOf(source.name) : -1
    const type = toTextType(field)
    return key < 0 || type === null ? [] : [{ key, i, member: member(key, `s${i}`, isStringInJson(type)) }]
  })
  const taken = new Set(filled.map(({ key }) => key))
  const others = keys.flatMap((_name, key) => (taken.has(key) ? [] : [member(key, `o${key}`, false)]))
  const texts = filled.map(({ member: one, i }) => `${memberText(one)} AS c${i}`)
  // In a relation of their own, so that each is computed once.
  const values = [...filled.map(({ member: one }) => one), ...others].map(
    (one) => `${memberValue(one)} AS ${one.value}`,
  )
  const names = keys.map((_name, key) => `f${key}`)
  const where = others.length === 0 ? '' : ` WHERE ${others.map(anyMember).join(' AND ')}`
  return `(SELECT ${['0::BIGINT AS line', ...texts].join(', ')}
    FROM (SELECT ${[...names, ...values].join(', ')} FROM ${delimitedRelation(path, names, delimiter)})${where})`
}

/** All records have the same fields. */
function toFieldUse({ columns, ignoredFields, ignoreExtra }: LoadPlan, { keys }: RecordShape): FieldUse {
  const filled = new Set(columns.flatMap(({ source }) => (source.kind === 'field' ? [source.name] : [])))
  return {
    absentColumns: columns.flatMap(({ field, source }) =>
      source.kind === 'absent' || (source.kind === 'field' && !keys.includes(source.name)) ? [field.name] : [],
    ),
    skippedFields: [
      ...ignoredFields,
      ...(ignoreExtra ? keys.filter((key) => !filled.has(key) && !ignoredFields.has(key)) : []),
    ],
  }
}

/** The bytes of a record that are not values. */
function countFormBytes({ prefixes, delimiter }: RecordShape): number {
  return Buffer.byteLength(prefixes.join(delimiter)) + RECORD_END.length
}
