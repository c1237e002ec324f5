import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { NestedField, PrimitiveType, StructType } from '@/lib/iceberg/schema/types'
import { createValueGetter, type RowValue, type ValueGetter } from '../read/row-values'
import type { Vector } from '../read/vector'

/**
 * A column that equality deletes compare: a field of the table, at the top or inside structs.
 *
 * `field` is its top-level column with only the path to it; `depth` is how many structs are around it.
 */
export type EqualityColumn = { field: NestedField; type: PrimitiveType; depth: number }

/**
 * @param fields of a schema that has the column; it may be an older one, if the column was dropped since
 * @returns null if there is no such column, or not one that deletes can compare: primitive, and not in a list or map
 */
export function toEqualityColumn(fields: readonly NestedField[], fieldId: number): EqualityColumn | null {
  for (const field of fields) {
    if (field.id === fieldId) return typeof field.type === 'string' ? { field, type: field.type, depth: 0 } : null
    if (typeof field.type === 'string' || field.type.type !== 'struct') continue
    const inside = toEqualityColumn(field.type.fields, fieldId)
    if (inside === null) continue
    const type: StructType = { type: 'struct', fields: [inside.field] }
    return { field: { ...field, type }, type: inside.type, depth: inside.depth + 1 }
  }
  return null
}

/** Memory of a text in a set, in addition to its characters. */
const KEY_BYTES = 48

/**
 * The rows that equality delete files delete: rows whose columns have the values of a deleted row. A null equals a
 * null, NaN equals NaN, and 0.0 does not equal −0.0, as in Iceberg's Java library.
 *
 * Spec: Iceberg table spec, *Equality Delete Files*.
 */
export class DeletedKeys {
  readonly #columns: readonly EqualityColumn[]
  readonly #keys = new Set<string>()
  #memoryBytes = 0

  constructor(columns: readonly EqualityColumn[]) {
    this.#columns = columns
  }

  get size(): number {
    return this.#keys.size
  }

  get memoryBytes(): number {
    return this.#memoryBytes
  }

  /**
   * @param vectors of the columns' `field`, in their order
   * @param reserveMemory is called before keys are added
   */
  add(vectors: readonly Vector[], rowCount: number, reserveMemory: (bytes: number) => void = () => undefined): void {
    const keyOf = this.createKeyReader(vectors)
    for (let row = 0; row < rowCount; row++) this.#addKey(keyOf(row), reserveMemory)
  }

  /** Adds the keys of other delete files that compare the same columns. */
  addAll(other: DeletedKeys, reserveMemory: (bytes: number) => void = () => undefined): void {
    for (const key of other.#keys) this.#addKey(key, reserveMemory)
  }

  #addKey(key: string, reserveMemory: (bytes: number) => void): void {
    if (this.#keys.has(key)) return
    const bytes = KEY_BYTES + 2 * key.length
    reserveMemory(bytes)
    this.#keys.add(key)
    this.#memoryBytes += bytes
  }

  /** Tells whether a row of the given columns is deleted. */
  createTest(vectors: readonly Vector[]): (row: number) => boolean {
    const keyOf = this.createKeyReader(vectors)
    return (row) => this.#keys.has(keyOf(row))
  }

  private createKeyReader(vectors: readonly Vector[]): (row: number) => string {
    const readers = this.#columns.map((column, i) => {
      const vector = vectors[i]
      if (!vector) throw new Error(`column ${column.field.name} was not read`)
      return createPartReader(vector, column)
    })
    const [only] = readers
    if (readers.length === 1 && only) return only
    // The length of each part tells where it ends.
    return (row) => readers.map((read) => read(row)).reduce((key, part) => `${key}${part.length}:${part}`, '')
  }
}

function createPartReader(vector: Vector, { field, type, depth }: EqualityColumn): (row: number) => string {
  const valueAt = unwrap(
    createValueGetter(vector, field.type, () => undefined),
    depth,
  )
  const isFloat = ['float', 'double'].includes(parsePrimitive(type).kind)
  return (row) => {
    const value = valueAt(row)
    if (value === null) return 'null'
    if (value instanceof Uint8Array) return `bytes=${Array.from(value, (byte) => String.fromCharCode(byte)).join('')}`
    return `=${isFloat && Object.is(value, -0) ? '-0' : String(value)}`
  }
}

/** Gets the only field of structs, null if one of them is. */
function unwrap(valueAt: ValueGetter, depth: number): ValueGetter {
  return (row) => {
    let value: RowValue | null = valueAt(row)
    for (let i = 0; i < depth && Array.isArray(value); i++) value = (value as readonly (RowValue | null)[])[0] ?? null
    return value
  }
}
