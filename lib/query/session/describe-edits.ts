import type { TableScan } from '@/lib/query/load/table-scan'
import { type Token, tokenKeyword } from '@/lib/query/statement/tokenize'
import type { Edit } from '@/lib/query/tables/rewrite-tables'
import type { TableReference } from '@/lib/query/tables/table-references'
import { quoteString } from '@/lib/sql/quote-identifier'

/**
 * Has DESCRIBE of a table say which columns are required. DuckDB describes a query over the table, where every column
 * may be null.
 */
export function describeEdits(
  tokens: readonly Token[],
  tables: readonly { reference: TableReference; scan: TableScan | undefined }[],
): Edit[] {
  return tables.flatMap(({ reference: { isBare, fullRange }, scan }) => {
    const keyword = tokens[tokens.findIndex(({ start }) => start === fullRange.start) - 1]
    const required = scan?.fields.filter((field) => field.required) ?? []
    if (!isBare || keyword === undefined || required.length === 0) return []
    if (!['DESCRIBE', 'DESC'].includes(tokenKeyword(keyword) ?? '')) return []
    const names = required.map(({ name }) => quoteString(name)).join(', ')
    const before = `SELECT * REPLACE (if(column_name IN (${names}), 'NO', "null") AS "null") FROM (DESCRIBE `
    return [
      { start: keyword.start, end: fullRange.start, text: before },
      { start: fullRange.end, end: fullRange.end, text: ')' },
    ]
  })
}
