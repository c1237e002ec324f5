import { AppError } from '@/lib/errors'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { Type, Value } from '@/lib/iceberg/schema/types'
import type { RowValue } from '../read/row-values'

export type SortDirection = { isDescending: boolean; areNullsFirst: boolean }

/** Memory for the different texts of a column. */
const MAX_TEXT_BYTES = 256 * 1024 * 1024
/** The overhead of a value that is stored once, without its bytes. */
const ENTRY_BYTES = 80

/** Why rows cannot be sorted by a column; undefined if they can. */
export function sortProblem(type: Type): string | undefined {
  if (typeof type !== 'string') return 'Structs, lists and maps have no order'
  return /^(variant|geometry|geography|unknown)/.test(type) ? `A ${type} has no order` : undefined
}

/**
 * The values of one column by which rows are sorted, without the rest of the rows.
 *
 * Order: as in Iceberg's sort orders, `-0` before `0` and NaN after all other numbers; text and bytes by their bytes,
 * so text by code points. Equal values keep the order of the rows.
 */
export class SortKeys {
  readonly #keys: Float64Array | BigInt64Array | TextKeys
  readonly #isNull: Uint8Array
  #count = 0

  /**
   * @param capacity number of rows at most
   * @throws {AppError} not-supported for a type without an order
   */
  constructor(type: Type, capacity: number, maxTextBytes = MAX_TEXT_BYTES) {
    const problem = sortProblem(type)
    if (problem !== undefined || typeof type !== 'string') throw new AppError('not-supported', `${problem}.`)
    this.#isNull = new Uint8Array(capacity)
    const primitive = parsePrimitive(type)
    switch (primitive.kind) {
      case 'boolean':
      case 'int':
      case 'float':
      case 'double':
      case 'date':
        this.#keys = new Float64Array(capacity)
        break
      case 'long':
      case 'time':
      case 'timestamp':
      case 'timestamptz':
      case 'timestamp_ns':
      case 'timestamptz_ns':
        this.#keys = new BigInt64Array(capacity)
        break
      case 'decimal':
        this.#keys = primitive.precision <= 18 ? new BigInt64Array(capacity) : new TextKeys(capacity, maxTextBytes)
        break
      default:
        this.#keys = new TextKeys(capacity, maxTextBytes)
    }
  }

  get count(): number {
    return this.#count
  }

  /** Adds the values of the next rows. @throws {AppError} too-large, when different texts take too much memory */
  add(values: readonly (RowValue | null)[]): void {
    if (this.#count + values.length > this.#isNull.length) throw new Error('more rows than there are')
    for (const value of values) {
      const row = this.#count++
      if (value === null || Array.isArray(value)) this.#isNull[row] = 1
      else this.#set(row, value as Value)
    }
  }

  #set(row: number, value: Value): void {
    if (this.#keys instanceof TextKeys) this.#keys.set(row, value)
    else if (this.#keys instanceof Float64Array) this.#keys[row] = Number(value)
    else if (typeof value === 'bigint' || typeof value === 'number') this.#keys[row] = BigInt(value)
    // A value without a number, such as an infinite date of a foreign writer, has no position in the order.
    else this.#isNull[row] = 1
  }

  /** The rows in order: their indices among the added ones. */
  order({ isDescending, areNullsFirst }: SortDirection): Uint32Array {
    const rows = Uint32Array.from({ length: this.#count }, (_, row) => row)
    const known = rows.filter((row) => this.#isNull[row] === 0)
    const nulls = rows.filter((row) => this.#isNull[row] === 1)
    const compare = this.#comparison()
    known.sort((a, b) => (isDescending ? compare(b, a) : compare(a, b)) || a - b)
    rows.set(areNullsFirst ? nulls : known)
    rows.set(areNullsFirst ? known : nulls, areNullsFirst ? nulls.length : known.length)
    return rows
  }

  #comparison(): (a: number, b: number) => number {
    const keys = this.#keys
    if (keys instanceof TextKeys) {
      const ranks = keys.ranks()
      return (a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0)
    }
    if (keys instanceof Float64Array) return (a, b) => compareNumbers(keys[a] ?? 0, keys[b] ?? 0)
    return (a, b) => {
      const [first, second] = [keys[a] ?? 0n, keys[b] ?? 0n]
      return first < second ? -1 : first > second ? 1 : 0
    }
  }
}

function compareNumbers(a: number, b: number): number {
  if (a < b) return -1
  if (a > b) return 1
  if (a === b) return a === 0 ? Number(Object.is(b, -0)) - Number(Object.is(a, -0)) : 0
  return Number(Number.isNaN(a)) - Number(Number.isNaN(b))
}

/** Values that are not numbers of 64 bits: each different one is stored once. */
class TextKeys {
  readonly #ids: Uint32Array
  readonly #idByText = new Map<string | bigint, number>()
  #remainingBytes: number

  constructor(capacity: number, maxBytes: number) {
    this.#ids = new Uint32Array(capacity)
    this.#remainingBytes = maxBytes
  }

  set(row: number, value: Value): void {
    // Bytes, too, compare as text of one code point per byte would; text that is not UTF-8 is read as bytes.
    const key =
      typeof value === 'bigint' ? value : value instanceof Uint8Array ? byteText(value) : utf8Text(String(value))
    const known = this.#idByText.get(key)
    if (known !== undefined) {
      this.#ids[row] = known
      return
    }
    this.#remainingBytes -= ENTRY_BYTES + (typeof key === 'string' ? 2 * key.length : 16)
    if (this.#remainingBytes < 0) {
      throw new AppError('too-large', 'The values of this column take too much memory to sort the rows by them here.')
    }
    const id = this.#idByText.size
    this.#idByText.set(key, id)
    this.#ids[row] = id
  }

  /** For each row the position of its value among the different ones. */
  ranks(): Uint32Array {
    const sorted = [...this.#idByText].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    const rankById = new Uint32Array(sorted.length)
    sorted.forEach(([, id], rank) => {
      rankById[id] = rank
    })
    return this.#ids.map((id) => rankById[id] ?? 0)
  }
}

const UTF8 = new TextEncoder()

/** A text that compares as the UTF-8 bytes of another one do. Code units order ASCII as bytes do. */
function utf8Text(text: string): string {
  return /^[\0-\x7F]*$/.test(text) ? text : byteText(UTF8.encode(text))
}

function byteText(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return text
}
