import 'server-only'
import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api'
import type { Type } from '@/lib/iceberg/schema/types'

/** More fields that no struct of the table has are not named. */
const MAX_SKIPPED = 1_000

/** The fields inside a nested column that an input has: those of its structs, and of the structs within them. */
export class NestedUse {
  /** Fields that a struct here had; null as long as there was none. */
  #present: Set<string> | null = null
  readonly #skipped = new Set<string>()
  readonly #children = new Map<string, NestedUse>()

  /** The use inside a field, or inside the `element` of a list or the `value` of a map. */
  within(name: string): NestedUse {
    let child = this.#children.get(name)
    if (child === undefined) this.#children.set(name, (child = new NestedUse()))
    return child
  }

  /** A struct of the input has a field, which the table has, too. */
  add(name: string): void {
    this.#present ??= new Set()
    this.#present.add(name)
  }

  /** A struct of the input, whatever fields it has. */
  addStruct(): void {
    this.#present ??= new Set()
  }

  /** A field that the table does not have, and that is left out. */
  skip(name: string): void {
    if (this.#skipped.size < MAX_SKIPPED) this.#skipped.add(name)
  }

  /**
   * The fields of the type that no struct of the input had, by their paths with dots. Fields of a struct that is always
   * null are not absent.
   */
  absentFields(type: Type, path: string): string[] {
    if (typeof type === 'string') return []
    if (type.type === 'list') return this.within('element').absentFields(type.element, `${path}.element`)
    if (type.type === 'map') return this.within('value').absentFields(type.value, `${path}.value`)
    const present = this.#present
    if (present === null) return []
    return type.fields.flatMap((field) => {
      const at = `${path}.${field.name}`
      return present.has(field.name) ? this.within(field.name).absentFields(field.type, at) : [at]
    })
  }

  /** The fields that were left out, by their paths. */
  skippedFields(path: string): string[] {
    const inner = [...this.#children].flatMap(([name, child]) => child.skippedFields(`${path}.${name}`))
    return [...[...this.#skipped].map((name) => `${path}.${name}`), ...inner]
  }
}

/** The use of a column of a file whose schema names the fields of its structs. */
export function toNestedUse(type: Type, from: DuckDBType): NestedUse {
  const use = new NestedUse()
  addUse(use, type, from)
  return use
}

function addUse(use: NestedUse, type: Type, from: DuckDBType): void {
  if (typeof type === 'string') return
  if (type.type === 'list' && from.typeId === DuckDBTypeId.LIST)
    addUse(use.within('element'), type.element, from.valueType)
  if (type.type === 'map' && from.typeId === DuckDBTypeId.MAP) addUse(use.within('value'), type.value, from.valueType)
  if (type.type !== 'struct' || from.typeId !== DuckDBTypeId.STRUCT) return
  use.addStruct()
  for (const [i, name] of from.entryNames.entries()) {
    const field = type.fields.find((one) => one.name === name)
    const entry = from.entryTypes[i]
    if (field === undefined) use.skip(name)
    else {
      use.add(name)
      if (entry !== undefined) addUse(use.within(name), field.type, entry)
    }
  }
}
