import type { ColumnDeclaration, TypeDeclaration } from '../changes/declaration/table-declaration'
import { formatCount, formatQuantity } from '../format/count'
import type { PrimitiveType } from '../iceberg/schema/types'
import type { JsonToken } from './json-tokens'
import { toleratedMisfits } from './readings/tolerated-misfits'
import { misfitReason } from './text-value'
import { sum } from '../sum'

/**
 * The types that values of a sample have: the first that holds every one of them exactly, by the rules of a load, apart
 * from a few bad values (`toleratedMisfits`), whose rows a load rejects. What fits none is a string.
 */

const NUMBER_TYPES: readonly PrimitiveType[] = ['long', 'double', 'decimal(38, 0)', 'decimal(38, 10)']
/** In the order of the attempts. A text of digits is a number only if it has no leading zeros, as ids have. */
const TEXT_TYPES: readonly PrimitiveType[] = ['boolean', ...NUMBER_TYPES, 'date', 'timestamp', 'timestamptz', 'uuid']
/** A JSON string is not taken for a number, although a load would accept it: whether it is meant as one is unknown. */
const STRING_TYPES: readonly PrimitiveType[] = ['date', 'timestamp', 'timestamptz', 'uuid']
const NUMERIC: ReadonlySet<PrimitiveType> = new Set(NUMBER_TYPES)
const DIGITS = /^[+-]?(?:\d+\.?\d*|\.\d+)$/
const EXPONENT = /^[+-]?[\d.]+e[+-]?\d+$/i
/** A decimal up to this precision is stored in 64 bits. */
const LONG_PRECISION = 18
const MAX_PRECISION = 38
const LEADING_ZERO = /^[+-]?0[0-9]/
const MAX_EXAMPLE_CHARS = 60
const NO_VALUE = 'no value in the sample'
/** A struct whose objects have more keys than this is more likely a map with keys of its own. */
const MAX_MEMBERS = 1000

/** `exactType` is a decimal that holds every digit of numbers that a double rounds; null for other columns. */
export type InferredType = { type: TypeDeclaration; doubt: string | null; exactType: PrimitiveType | null }

/** The text of a number without separators of thousands, and with a point; null if it is none. */
type ReadNumber = (text: string) => string | null

/** Whether a type holds the text of a field exactly. */
export type FitsType = (type: PrimitiveType, text: string) => boolean

/** Texts in the forms that a load reads without options. */
const fitsCanonically: FitsType = (type, text) => misfitReason(type, text) === null

type ValueKind = 'text' | 'boolean' | 'number' | 'string' | 'object' | 'array'

/** In the file; null for a value from further on, whose line is not known. */
type Line = number | null

/** The values of a kind, or those that a type cannot hold: the first, and how many there are. */
type CountedValues = { text: string; line: Line; count: number }

/** The types that values of a kind may have. */
const TYPES_OF_KIND: Readonly<Record<ValueKind, readonly PrimitiveType[]>> = {
  text: TEXT_TYPES,
  boolean: ['boolean'],
  number: NUMBER_TYPES,
  string: STRING_TYPES,
  object: [],
  array: [],
}
/** A column of strings says that nearly all its values have another type, up to this share of others. */
const MAX_NAMED_SHARE = 0.1
/** A type is no longer tried once more values than this, and than the named share, do not fit. */
const MAX_TRIED_MISFITS = 100

/** Narrows down the type of a column value by value. */
export class TypeSample {
  readonly #fits: FitsType
  readonly #remark: string | null
  readonly #kinds = new Map<ValueKind, CountedValues>()
  /** By the type that cannot hold them; null for a type that is no longer tried. */
  readonly #misfits = new Map<PrimitiveType, CountedValues | null>()
  readonly #members = new Map<string, TypeSample>()
  #element: TypeSample | null = null
  nullCount = 0
  valueCount = 0
  /** The first value, shortened. */
  example: string | null = null
  #looksLikeId = false
  /** The digits before and behind the point that the numbers have at most; null once one has an exponent. */
  #digits: { whole: number; decimals: number } | null = { whole: 0, decimals: 0 }
  readonly #readNumber: ReadNumber

  /**
   * @param fits judges texts of CSV whose options have other forms of values
   * @param remark a doubt about the column, whatever its values are
   * @param readNumber reads numbers of CSV whose options have other separators
   */
  constructor(fits = fitsCanonically, remark: string | null = null, readNumber: ReadNumber = (text) => text) {
    this.#readNumber = readNumber
    this.#fits = fits
    this.#remark = remark
  }

  /** A field of a CSV file. */
  addText(text: string | null, line: Line): void {
    if (text === null) this.nullCount += 1
    else this.#addPrimitive('text', text, line)
  }

  addJson(token: JsonToken | undefined, line: Line): void {
    switch (token?.kind) {
      case undefined:
      case 'null':
        this.nullCount += 1
        return
      case 'true':
      case 'false':
        return this.#addPrimitive('boolean', token.kind, line)
      case 'number':
      case 'string':
        return this.#addPrimitive(token.kind, token.text, line)
      case 'array':
        this.#add('array', '[…]', line)
        this.#element ??= new TypeSample()
        for (const item of token.items) this.#element.addJson(item, line)
        return
      case 'object':
        this.#add('object', '{…}', line)
        for (const [name, value] of token.members) {
          const known = this.#members.get(name) ?? new TypeSample()
          if (this.#members.size < MAX_MEMBERS) this.#members.set(name, known)
          known.addJson(value, line)
        }
    }
  }

  /** Doubts that do not depend on the type of the column. */
  get remarks(): readonly string[] {
    return [...(this.#remark === null ? [] : [this.#remark]), ...(this.valueCount === 0 ? [NO_VALUE] : [])]
  }

  /** Whether there are digits that a number would shorten, such as `01234`. */
  get hasLeadingZeros(): boolean {
    return this.#looksLikeId
  }

  finish(): InferredType {
    const { type, doubt } = this.#infer()
    const doubts = [this.#remark, doubt].filter((part) => part !== null)
    const exactType = type === 'double' ? this.#findDecimal() : null
    return { type, doubt: doubts.length === 0 ? null : doubts.join('; '), exactType }
  }

  /** Room for larger numbers than those of the sample, unless their digits need all of it. */
  #findDecimal(): PrimitiveType | null {
    if (this.#digits === null) return null
    const { whole, decimals } = this.#digits
    const precision = whole + decimals <= LONG_PRECISION ? LONG_PRECISION : MAX_PRECISION
    return whole + decimals <= precision ? `decimal(${precision}, ${decimals})` : null
  }

  #infer(): Omit<InferredType, 'exactType'> {
    const [main, ...others] = [...this.#kinds].toSorted(([, a], [, b]) => b.count - a.count)
    if (main === undefined) return { type: 'string', doubt: NO_VALUE }
    const found = this.#findType(
      main[0],
      others.map(([, values]) => values),
    )
    if (found === null) {
      const mixed = others.length === 0 ? null : `has ${[...this.#kinds.keys()].join(' and ')}`
      return { type: 'string', doubt: this.#looksLikeId ? 'digits with leading zeros' : mixed }
    }
    const { type, noun, misfits } = found
    const exactness = type === 'double' ? `${this.#findDecimal() ?? 'decimal'} is exact` : null
    if (misfits === null) return { type, doubt: exactness }
    const sentence = misfitSentence(misfits, { noun, valueCount: this.valueCount })
    return misfits.count <= toleratedMisfits(this.valueCount)
      ? { type, doubt: exactness === null ? sentence : `${exactness}; ${sentence}` }
      : { type: 'string', doubt: `a string, because ${sentence}` }
  }

  /** The members of objects, in the order in which they were found. */
  columns(): ColumnDeclaration[] {
    return [...this.#members].map(([name, sample]) => ({ name, type: sample.finish().type }))
  }

  /** Why the types of the column, and of the columns within it, are guesses, by their paths. */
  doubts(path: string): [string, string][] {
    const { doubt } = this.finish()
    return [
      ...(doubt === null ? [] : [[path, doubt] as [string, string]]),
      ...(this.#element?.doubts(`${path}.element`) ?? []),
      ...[...this.#members].flatMap(([name, sample]) => sample.doubts(`${path}.${name}`)),
    ]
  }

  /** The sample of the items of arrays; null if there was no array. */
  get element(): TypeSample | null {
    return this.#element
  }

  get members(): ReadonlyMap<string, TypeSample> {
    return this.#members
  }

  /**
   * The type that fewest values do not fit, the first one of several.
   *
   * @param strays values of other kinds than the main one
   * @returns null if too many do not fit any type
   */
  #findType(
    kind: ValueKind,
    strays: readonly CountedValues[],
  ): { type: TypeDeclaration; noun: string; misfits: CountedValues | null } | null {
    const candidates: { type: TypeDeclaration; noun: string; misfits: CountedValues | null }[] = []
    const add = (type: TypeDeclaration, noun: string, own: CountedValues | undefined) =>
      candidates.push({ type, noun, misfits: joinValues(own === undefined ? strays : [own, ...strays]) })
    if (kind === 'object') add({ struct: this.columns() }, 'an object', undefined)
    if (kind === 'array') add({ list: this.#element?.finish().type ?? 'string' }, 'an array', undefined)
    for (const type of TYPES_OF_KIND[kind]) {
      const own = this.#misfits.get(type)
      if (own !== null && !(this.#looksLikeId && NUMERIC.has(type))) add(type, typeNoun(type), own)
    }
    const [best] = candidates.toSorted((a, b) => (a.misfits?.count ?? 0) - (b.misfits?.count ?? 0))
    return best === undefined || (best.misfits?.count ?? 0) > this.valueCount * MAX_NAMED_SHARE ? null : best
  }

  #addPrimitive(kind: 'text' | 'boolean' | 'number' | 'string', text: string, line: Line): void {
    this.#add(kind, text, line)
    const isId = kind === 'text' && LEADING_ZERO.test(text)
    this.#looksLikeId ||= isId && this.#fits('long', text)
    if (kind === 'number' || kind === 'text') this.#countDigits(text)
    for (const type of TYPES_OF_KIND[kind]) {
      const known = this.#misfits.get(type)
      if (known === null || this.#fits(type, text)) continue
      const count = (known?.count ?? 0) + 1
      const isTried = count <= MAX_TRIED_MISFITS + this.valueCount * MAX_NAMED_SHARE
      this.#misfits.set(type, isTried ? { ...(known ?? { text: shortenValue(text), line }), count } : null)
    }
  }

  #countDigits(text: string): void {
    if (this.#digits === null || this.#misfits.get('double') === null) return
    const number = this.#readNumber(text)
    if (number === null || !DIGITS.test(number)) {
      if (number !== null && EXPONENT.test(number)) this.#digits = null
      return
    }
    const [whole = '', decimals = ''] = number.replace(/^[+-]?0*/, '').split('.')
    this.#digits.whole = Math.max(this.#digits.whole, whole.length)
    this.#digits.decimals = Math.max(this.#digits.decimals, decimals.length)
  }

  #add(kind: ValueKind, text: string, line: Line): void {
    const known = this.#kinds.get(kind)
    if (known) known.count += 1
    else this.#kinds.set(kind, { text: shortenValue(text), line, count: 1 })
    this.valueCount += 1
    this.example ??= shortenValue(text)
  }
}

/** Null for no values; otherwise the first of all. */
function joinValues(values: readonly CountedValues[]): CountedValues | null {
  const [first, ...others] = values.toSorted((a, b) => (a.line ?? Infinity) - (b.line ?? Infinity))
  return first === undefined ? null : { ...first, count: first.count + sum(others.map(({ count }) => count)) }
}

/** `1 of 10,000 values is not a date: “N/A” in line 4,211`, or `“N/A” further on`. */
function misfitSentence(
  { text, line, count }: CountedValues,
  { noun, valueCount }: { noun: string; valueCount: number },
): string {
  const where = line === null ? `“${text}” further on` : `“${text}” in line ${formatCount(line)}`
  return count === 1
    ? `1 of ${formatQuantity(valueCount, 'value')} is not ${noun}: ${where}`
    : `${formatCount(count)} of ${formatQuantity(valueCount, 'value')} are not ${noun}, the first one ${where}`
}

function typeNoun(type: PrimitiveType): string {
  if (type === 'long') return 'a whole number'
  if (NUMERIC.has(type)) return 'a number'
  return type === 'boolean' ? 'true or false' : `a ${type}`
}

/** For a sentence. */
export function shortenValue(text: string): string {
  return text.length > MAX_EXAMPLE_CHARS ? `${text.slice(0, MAX_EXAMPLE_CHARS)}…` : text
}
