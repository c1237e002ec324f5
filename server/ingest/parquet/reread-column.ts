import 'server-only'
import type { NestedField } from '@/lib/iceberg/schema/types'
import { DamagedParquet, withFileName } from '@/lib/parquet/errors'
import type { ParquetFooter } from '@/lib/parquet/footer'
import type { Annotation, SchemaNode, TimeUnit } from '@/lib/parquet/schema-node'
import { isValid, type Vector } from '@/lib/scan/read/vector'
import { withFileSource } from '@/server/parquet/transcode/local-file'
import { type ColumnCast, textCast } from '../cast/column-cast'
import { rewrittenRelation } from '../csv/csv-relation'
import { RowWriter } from '../input/row-writer'
import { readLeafBatches } from './leaf-batches'

/**
 * A column of which DuckDB reads nothing, because it fails at one value. Lakeshore's own reader writes it as texts, so
 * that only the rows of such values are rejected.
 */
export type RereadColumn = {
  /** A relation with `line`, `text`, and `is_bad`, which is null for a value that can be read. */
  relation: string
  /** Why the text of a value that cannot be read does not fit; null for any other text. */
  reasonOf: (text: string) => string | null
}

type ReadText = { text: string; isBad: boolean }
/** @property read yields null for a null */
type TextReader = Pick<RereadColumn, 'reasonOf'> & { read: (values: Vector) => Generator<ReadText | null, void> }

/**
 * @param options.target a file that does not exist yet
 * @param options.maxRows how many rows are read; null for all
 * @returns null for a column whose values have no text here: it stays unreadable
 * @throws {AppError} file-damaged, too-large, storage-full
 */
export async function rereadColumn(
  file: string,
  footer: ParquetFooter,
  { node, target, maxRows }: { node: SchemaNode; target: string; maxRows: number | null },
): Promise<RereadColumn | null> {
  const reader = findTextReader(node)
  if (reader === null) return null
  const output = await RowWriter.create(target)
  try {
    await withFileSource(file, (source) =>
      withFileName(source.name, async () => {
        for await (const { firstRow, values } of readLeafBatches(source, footer, node)) {
          if (maxRows !== null && firstRow >= maxRows) break
          let line = firstRow
          for (const read of reader.read(values))
            output.add((line += 1), [read?.text ?? null, read?.isBad ? '1' : null])
          await output.flushIfLarge()
        }
      }),
    )
  } finally {
    await output.close()
  }
  const relation = rewrittenRelation(target, ['text', 'is_bad'], output.maxRecordBytes)
  return { relation, reasonOf: reader.reasonOf }
}

/** @param columns the text and the mark of a bad value in the input's relation */
export function toRereadCast(
  field: NestedField,
  { reasonOf }: RereadColumn,
  columns: { text: string; isBad: string },
): ColumnCast {
  const cast = textCast(field, columns.text)
  return {
    field,
    raw: `{'text': ${columns.text}, 'is_bad': ${columns.isBad}}`,
    value: (raw) => cast.value(`${raw}.text`),
    isBad: (raw, value) => `(${raw}.is_bad IS NOT NULL OR ${cast.isBad(`${raw}.text`, value)})`,
    displayText: (raw) => `${raw}.text`,
    reasonOf,
  }
}

function findTextReader({ leaf, annotation, repetition }: SchemaNode): TextReader | null {
  if (leaf === null || annotation === null || repetition === 'repeated') return null
  switch (annotation.kind) {
    case 'string':
    case 'enum':
    case 'json':
      return { read: readBytes, reasonOf: (text) => (text.includes(REPLACEMENT) ? 'is not UTF-8' : null) }
    case 'timestamp':
      return {
        read: (values) => readTimes(values, annotation),
        reasonOf: (text) => (text.endsWith(` ${annotation.unit}`) ? 'is beyond the years 0001 to 9999' : null),
      }
    default:
      return null
  }
}

/** In place of bytes that are not UTF-8. */
const REPLACEMENT = '\ufffd'
const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lenientDecoder = new TextDecoder('utf-8', { ignoreBOM: true })

function* readBytes(values: Vector): Generator<ReadText | null, void> {
  if (values.kind === 'constant' && values.value === null) {
    for (let i = 0; i < values.length; i++) yield null
    return
  }
  const isDictionary = values.kind === 'dictionary'
  const stored = isDictionary ? values.dictionary : values
  if (stored.kind !== 'bytes' || values.kind === 'constant')
    throw new DamagedParquet(`a column of texts is stored as ${stored.kind}`)
  for (let i = 0; i < values.length; i++) {
    if (!isValid(values.validity, i)) yield null
    else {
      const at = isDictionary ? (values.indexes[i] ?? 0) : i
      yield toText(stored.bytes.subarray(stored.offsets[at], stored.offsets[at + 1]))
    }
  }
}

function toText(bytes: Uint8Array): ReadText {
  try {
    return { text: strictDecoder.decode(bytes), isBad: false }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return { text: lenientDecoder.decode(bytes), isBad: true }
  }
}

function* readTimes(
  values: Vector,
  { unit, isUtc }: Extract<Annotation, { kind: 'time' | 'timestamp' }>,
): Generator<ReadText | null, void> {
  if (values.kind === 'constant' && values.value === null) {
    for (let i = 0; i < values.length; i++) yield null
    return
  }
  if (values.kind !== 'int64') throw new DamagedParquet(`a column of times is stored as ${values.kind}`)
  for (const [i, value] of values.data.entries()) {
    if (!isValid(values.validity, i)) yield null
    else {
      const text = timeText(value, unit)
      if (text === null) yield { text: `${value} ${unit}`, isBad: true }
      else yield { text: isUtc ? `${text}+00` : text, isBad: false }
    }
  }
}

const UNITS_PER_SECOND: Readonly<Record<TimeUnit, bigint>> = {
  millis: 1_000n,
  micros: 1_000_000n,
  nanos: 1_000_000_000n,
}
/** The first and the last second of the years that texts of times may have. */
export const FIRST_SECOND = BigInt(Date.parse('0001-01-01T00:00:00Z')) / 1_000n
export const LAST_SECOND = BigInt(Date.parse('9999-12-31T23:59:59Z')) / 1_000n

/** In the form of a load, with all decimals of the unit; null for years that it has no form for. */
function timeText(value: bigint, unit: TimeUnit): string | null {
  const perSecond = UNITS_PER_SECOND[unit]
  const fraction = ((value % perSecond) + perSecond) % perSecond
  const second = (value - fraction) / perSecond
  if (second < FIRST_SECOND || second > LAST_SECOND) return null
  const whole = new Date(Number(second) * 1_000).toISOString().slice(0, 19).replace('T', ' ')
  return `${whole}.${fraction.toString().padStart(perSecond.toString().length - 1, '0')}`
}
