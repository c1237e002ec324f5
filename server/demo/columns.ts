import 'server-only'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'

/**
 * A concise way to declare the columns of the demo tables. Ids are numbered in order; the catalog assigns the final
 * ones.
 */
export class Columns {
  #lastId = 0

  readonly column = (name: string, type: Type, doc: string, { required = false } = {}): NestedField => ({
    id: this.#nextId(),
    name,
    type,
    required,
    doc,
  })

  readonly struct = (...fields: readonly NestedField[]): Type => ({ type: 'struct', fields })

  readonly list = (element: Type): Type => ({ type: 'list', elementId: this.#nextId(), element, elementRequired: true })

  readonly map = (key: Type, value: Type): Type => ({
    type: 'map',
    keyId: this.#nextId(),
    key,
    valueId: this.#nextId(),
    value,
    valueRequired: true,
  })

  #nextId(): number {
    this.#lastId += 1
    return this.#lastId
  }
}
