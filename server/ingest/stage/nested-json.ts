import 'server-only'
import type { DuckDBType } from '@duckdb/node-api'
import { parsePrimitive } from '@/lib/iceberg/schema/primitive'
import type { PrimitiveType, Type } from '@/lib/iceberg/schema/types'
import { exactTextSql, infiniteSql } from '@/server/codecs/duckdb-infinity'
import { quoteLiteral } from '@/server/data-files/duckdb/column-type'

/**
 * A nested value of a staged column as JSON, exact to the last digit: DuckDB's own JSON makes doubles of decimals. Null is
 * null.
 *
 * @param column the type that DuckDB has for it
 */
export function nestedJsonSql(type: Exclude<Type, PrimitiveType>, value: string, column: DuckDBType): string {
  const json = jsonSql(type, value, 0)
  const infinite = infiniteSql(column, value)
  return infinite === null ? json : `CASE WHEN ${infinite} THEN ${exactTextSql(column, value)} ELSE ${json} END`
}

function jsonSql(type: Type, value: string, depth: number): string {
  if (typeof type === 'string') return leafSql(type, value)
  const item = `item_${depth}`
  const partOf = (part: Type, text: string) => `coalesce(${jsonSql(part, text, depth + 1)}, 'null')`
  switch (type.type) {
    case 'struct': {
      const members = type.fields.map(({ name, type: part }) => {
        const member = partOf(part, `struct_extract(${value}, ${quoteLiteral(name)})`)
        return `${quoteLiteral(`${JSON.stringify(name)}:`)} || ${member}`
      })
      return `CASE WHEN ${value} IS NOT NULL THEN '{' || ${members.join(` || ',' || `) || "''"} || '}' END`
    }
    case 'list':
      return `'[' || array_to_string(list_transform(${value}, lambda ${item}: ${partOf(type.element, item)}), ',') || ']'`
    case 'map': {
      const entry = `to_json(${item}.key::VARCHAR)::VARCHAR || ':' || ${partOf(type.value, `${item}.value`)}`
      return `'{' || array_to_string(list_transform(map_entries(${value}), lambda ${item}: ${entry}), ',') || '}'`
    }
  }
}

function leafSql(type: PrimitiveType, value: string): string {
  switch (parsePrimitive(type).kind) {
    case 'boolean':
    case 'int':
    case 'long':
    case 'decimal':
      return `${value}::VARCHAR`
    case 'float':
    case 'double':
      // JSON has no form for NaN and infinities.
      return `CASE WHEN isfinite(${value}) THEN ${value}::VARCHAR ELSE to_json(${value}::VARCHAR)::VARCHAR END`
    default:
      return `to_json(${value}::VARCHAR)::VARCHAR`
  }
}
