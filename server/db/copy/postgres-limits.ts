import 'server-only'
import type { CopiedTable } from '../copied-tables'
import type { Column, CopyRow, CopyEndpoint } from './copy-endpoint'

/** A value that PostgreSQL's tables cannot store. */
export type UnsupportedValue = { table: string; key: string; column: string; reason: string }

const REPLACEMENT_CHARACTER = '\uFFFD'

export async function findUnsupportedValues(
  source: CopyEndpoint,
  table: CopiedTable,
  columns: readonly Column[],
  row: CopyRow,
): Promise<UnsupportedValue[]> {
  const found: UnsupportedValue[] = []
  for (const [i, { name: column }] of columns.entries()) {
    const reason =
      unsupportedReason(table, column, row[i] ?? null) ??
      (await findTextDamage(source, table, { columns, column, row, i }))
    if (reason !== null) found.push({ table: table.name, key: keyText(table, columns, row), column, reason })
  }
  return found
}

/** Values of the key, in the order of its columns. */
export function keyValues(table: CopiedTable, columns: readonly Column[], row: CopyRow): CopyRow {
  return table.key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null)
}

function unsupportedReason(table: CopiedTable, column: string, value: CopyRow[number]): string | null {
  if (value === null) return table.key.includes(column) ? 'has no value, which a key needs' : null
  if (value instanceof Uint8Array) return 'has bytes instead of text'
  if (typeof value !== 'string') return null
  if (value.includes('\0')) return 'contains the character NUL'
  const maxCharacters = table.maxCharacters?.[column]
  // PostgreSQL counts code points, and a text never has more of them than UTF-16 units.
  if (maxCharacters === undefined || value.length <= maxCharacters) return null
  const characters = Array.from(value).length
  return characters > maxCharacters ? `has ${characters} characters, and ${maxCharacters} fit` : null
}

/** Invalid UTF-8 is read with replacement characters. */
async function findTextDamage(
  source: CopyEndpoint,
  table: CopiedTable,
  { columns, column, row, i }: { columns: readonly Column[]; column: string; row: CopyRow; i: number },
): Promise<string | null> {
  const value = row[i]
  if (typeof value !== 'string' || !value.includes(REPLACEMENT_CHARACTER)) return null
  const isDamaged = await source.isDamagedText(table, column, keyValues(table, columns, row))
  return isDamaged ? 'contains bytes that are not UTF-8' : null
}

function keyText(table: CopiedTable, columns: readonly Column[], row: CopyRow): string {
  return keyValues(table, columns, row)
    .map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)))
    .join(', ')
}
