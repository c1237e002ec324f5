import 'server-only'
import { type DuckDBType, DuckDBTypeId } from '@duckdb/node-api'
import { AppError } from '@/lib/errors'
import { infiniteSql } from '@/server/codecs/duckdb-infinity'
import { quoteIdentifier, quoteString } from '@/lib/sql/quote-identifier'

/** Columns of a result as a Parquet file has them, so that a load finds each value as it is. */

type SavedColumn = { column: string; name: string; type: DuckDBType }

/**
 * The expressions that select the columns under their names. The statement fails at an infinite date or time: DuckDB
 * would write it as a finite one.
 *
 * @throws {AppError} not-supported for rows whose fields have no names
 */
export function savedColumns(columns: readonly SavedColumn[]): string[] {
  return columns.map(({ column, name, type }) => {
    const value = `${column}::${savedType(type, name)}`
    const isInfinite = infiniteSql(type, column)
    const problem = quoteString(`Column ${name} has an infinite date or time, which a table cannot hold.`)
    const guarded = isInfinite === null ? value : `CASE WHEN ${isInfinite} THEN error(${problem}) ELSE ${value} END`
    return `${guarded} AS ${quoteIdentifier(name)}`
  })
}

/** Types that DuckDB writes to Parquet exactly, and reads again as they were. */
const EXACT_TYPES: ReadonlySet<DuckDBTypeId> = new Set([
  DuckDBTypeId.BOOLEAN,
  DuckDBTypeId.TINYINT,
  DuckDBTypeId.SMALLINT,
  DuckDBTypeId.INTEGER,
  DuckDBTypeId.BIGINT,
  DuckDBTypeId.UTINYINT,
  DuckDBTypeId.USMALLINT,
  DuckDBTypeId.UINTEGER,
  DuckDBTypeId.UBIGINT,
  DuckDBTypeId.FLOAT,
  DuckDBTypeId.DOUBLE,
  DuckDBTypeId.DATE,
  DuckDBTypeId.TIME,
  DuckDBTypeId.TIMESTAMP,
  DuckDBTypeId.TIMESTAMP_NS,
  DuckDBTypeId.BLOB,
])

/**
 * Integers of 128 bits would become doubles. Other types (intervals, unions, bits, UUIDs) become text, as in
 * results that are shown: a column of strings takes it, and one of UUIDs does, too.
 */
function savedType(type: DuckDBType, at: string): string {
  if (EXACT_TYPES.has(type.typeId)) return DuckDBTypeId[type.typeId]
  switch (type.typeId) {
    case DuckDBTypeId.TIMESTAMP_S:
    case DuckDBTypeId.TIMESTAMP_MS:
      return 'TIMESTAMP'
    case DuckDBTypeId.TIMESTAMP_TZ:
      return 'TIMESTAMPTZ'
    case DuckDBTypeId.HUGEINT:
    case DuckDBTypeId.UHUGEINT:
      return 'DECIMAL(38, 0)'
    case DuckDBTypeId.DECIMAL:
      return `DECIMAL(${type.width}, ${type.scale})`
    // A value that is always null has no type, and DuckDB takes it for an integer.
    case DuckDBTypeId.SQLNULL:
      return 'INTEGER'
    case DuckDBTypeId.LIST:
    case DuckDBTypeId.ARRAY:
      return `${savedType(type.valueType, at)}[]`
    case DuckDBTypeId.MAP:
      return `MAP(${savedType(type.keyType, at)}, ${savedType(type.valueType, at)})`
    case DuckDBTypeId.STRUCT: {
      const fields = type.entryNames.map((name, i) => {
        if (name === '')
          throw new AppError('not-supported', `Column ${at} has rows without field names, which cannot be saved.`, {
            facts: { column: at, hint: 'Name the fields, as in {a: 1, b: 2}.' },
          })
        return `${quoteIdentifier(name)} ${savedType(entryType(type.entryTypes, i), at)}`
      })
      return `STRUCT(${fields.join(', ')})`
    }
    default:
      return 'VARCHAR'
  }
}

function entryType(types: readonly DuckDBType[], index: number): DuckDBType {
  const type = types[index]
  if (!type) throw new RangeError(`a struct has no entry ${index}`)
  return type
}
