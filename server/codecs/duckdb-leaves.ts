import 'server-only'
import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api'
import { quoteString } from '@/lib/sql/quote-identifier'

/** SQL that is true for a value without parts; null if it can be true for none of the type. */
export type LeafTest = (type: DuckDBType, value: string) => string | null

/** SQL that is true if the test is for a value somewhere in the value; null if it can be for none. */
export function someLeafSql(type: DuckDBType, value: string, test: LeafTest): string | null {
  switch (type.typeId) {
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return someItemSql(type.valueType, value, test)
    case DuckDBTypeId.MAP:
      return anyOf([
        someItemSql(type.keyType, `map_keys(${value})`, test),
        someItemSql(type.valueType, `map_values(${value})`, test),
      ])
    case DuckDBTypeId.STRUCT:
      return anyOf(
        type.entryNames.map((name, i) =>
          someLeafSql(entryType(type.entryTypes, i), `struct_extract(${value}, ${quoteString(name)})`, test),
        ),
      )
    default:
      return test(type, value)
  }
}

function someItemSql(type: DuckDBType, list: string, test: LeafTest): string | null {
  const item = `item_${list.length}`
  const isFound = someLeafSql(type, item, test)
  if (isFound === null) return null
  return `coalesce(len(list_filter(${list}, lambda ${item}: ${isFound})), 0) > 0`
}

function anyOf(parts: readonly (string | null)[]): string | null {
  const tests = parts.filter((part) => part !== null)
  return tests.length === 0 ? null : `(${tests.join(' OR ')})`
}

function entryType(types: readonly DuckDBType[], index: number): DuckDBType {
  const type = types[index]
  if (!type) throw new RangeError(`a struct has no entry ${index}`)
  return type
}
