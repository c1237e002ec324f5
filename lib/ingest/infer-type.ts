import type { ColumnDeclaration, TypeDeclaration } from '../changes/declaration/table-declaration'
import type { PrimitiveType } from '../iceberg/schema/types'
import type { JsonToken } from './json-tokens'
import { misfitReason } from './text-value'

/**
 * The types that values of a sample have: the first that holds every one of them exactly, by the rules of a load. What
 * fits none is a string.
 */

const NUMBER_TYPES: readonly PrimitiveType[] = ['long', 'double', 'decimal(38, 0)', 'decimal(38, 10)']
/** In the order of the attempts. A text of digits is a number only if it has no leading zeros, as ids have. */
const TEXT_TYPES: readonly PrimitiveType[] = ['boolean', ...NUMBER_TYPES, 'date', 'timestamp', 'timestamptz', 'uuid']
/** A JSON string is not taken for a number, although a load would accept it: whether it is meant as one is unknown. */
const STRING_TYPES: readonly PrimitiveType[] = ['date', 'timestamp', 'timestamptz', 'uuid']
const NUMERIC: ReadonlySet<PrimitiveType> = new Set(NUMBER_TYPES)
const LEADING_ZERO = /^[+-]?0[0-9]/
const MAX_EXAMPLE_CHARS = 60
/** A struct whose objects have more keys than this is more likely a map with keys of its own. */
const MAX_MEMBERS = 1000

export type InferredType = { type: TypeDeclaration; doubt: string | null }

/** Whether a type holds the text of a field exactly. */
export type FitsType = (type: PrimitiveType, text: string) => boolean

/** Texts in the forms that a load reads without options. */
const fitsCanonically: FitsType = (type, text) => misfitReason(type, text) === null

/** Narrows down the type of a column value by value. */
export class TypeSample {
  readonly #fits: FitsType
  #kinds = new Set<'text' | 'boolean' | 'number' | 'string' | 'object' | 'array'>()
  #fitting: PrimitiveType[] | null = null
  readonly #members = new Map<string, TypeSample>()
  #element: TypeSample | null = null
  nullCount = 0
  valueCount = 0
  /** The first value, shortened. */
  example: string | null = null
  #looksLikeId = false

  /** @param fits judges texts of CSV whose options have other forms of values */
  constructor(fits = fitsCanonically) {
    this.#fits = fits
  }

  /** A field of a CSV file. */
  addText(text: string | null): void {
    if (text === null) this.nullCount += 1
    else this.#addPrimitive('text', text, TEXT_TYPES)
  }

  addJson(token: JsonToken | undefined): void {
    switch (token?.kind) {
      case undefined:
      case 'null':
        this.nullCount += 1
        return
      case 'true':
      case 'false':
        return this.#addPrimitive('boolean', token.kind, ['boolean'])
      case 'number':
        return this.#addPrimitive('number', token.text, NUMBER_TYPES)
      case 'string':
        return this.#addPrimitive('string', token.text, STRING_TYPES)
      case 'array':
        this.#add('array', '[…]')
        this.#element ??= new TypeSample()
        for (const item of token.items) this.#element.addJson(item)
        return
      case 'object':
        this.#add('object', '{…}')
        for (const [name, value] of token.members) {
          const known = this.#members.get(name) ?? new TypeSample()
          if (this.#members.size < MAX_MEMBERS) this.#members.set(name, known)
          known.addJson(value)
        }
    }
  }

  finish(): InferredType {
    const [kind] = this.#kinds
    if (kind === undefined) return { type: 'string', doubt: 'no value in the sample' }
    if (this.#kinds.size > 1) return { type: 'string', doubt: `has ${[...this.#kinds].join(' and ')}` }
    if (kind === 'object') return { type: { struct: this.columns() }, doubt: null }
    if (kind === 'array') return { type: { list: this.#element?.finish().type ?? 'string' }, doubt: null }
    const type = this.#fitting?.[0] ?? 'string'
    if (type === 'string') return { type, doubt: this.#looksLikeId ? 'digits with leading zeros' : null }
    return { type, doubt: type === 'double' ? 'decimal is exact' : null }
  }

  /** The members of objects, in the order in which they were found. */
  columns(): ColumnDeclaration[] {
    return [...this.#members].map(([name, sample]) => ({ name, type: sample.finish().type }))
  }

  /** The sample of the items of arrays; null if there was no array. */
  get element(): TypeSample | null {
    return this.#element
  }

  get members(): ReadonlyMap<string, TypeSample> {
    return this.#members
  }

  #addPrimitive(kind: 'text' | 'boolean' | 'number' | 'string', text: string, types: readonly PrimitiveType[]): void {
    this.#add(kind, text)
    const isId = kind === 'text' && LEADING_ZERO.test(text)
    this.#looksLikeId ||= isId && this.#fits('long', text)
    this.#fitting = (this.#fitting ?? [...types]).filter(
      (type) => !(isId && NUMERIC.has(type)) && this.#fits(type, text),
    )
  }

  #add(kind: 'text' | 'boolean' | 'number' | 'string' | 'object' | 'array', text: string): void {
    this.#kinds.add(kind)
    this.valueCount += 1
    this.example ??= text.length > MAX_EXAMPLE_CHARS ? `${text.slice(0, MAX_EXAMPLE_CHARS)}…` : text
  }
}
