import 'server-only'
import type { CopiedTable } from './copied-tables'
import type { Column, CopyRow, StateSide } from './state-side'

/** A value that PostgreSQL's tables cannot hold. */
export type Unholdable = { table: string; key: string; column: string; reason: string }

const REPLACEMENT_CHARACTER = '\uFFFD'

export async function findUnholdable(
  source: StateSide,
  table: CopiedTable,
  columns: readonly Column[],
  row: CopyRow,
): Promise<Unholdable[]> {
  const found: Unholdable[] = []
  for (const [i, { name: column }] of columns.entries()) {
    const reason =
      reasonOf(table, column, row[i] ?? null) ?? (await damageOf(source, table, { columns, column, row, i }))
    if (reason !== null) found.push({ table: table.name, key: keyText(table, columns, row), column, reason })
  }
  return found
}

/** Values of the key, in the order of its columns. */
export function keyOf(table: CopiedTable, columns: readonly Column[], row: CopyRow): CopyRow {
  return table.key.map((name) => row[columns.findIndex((column) => column.name === name)] ?? null)
}

function reasonOf(table: CopiedTable, column: string, value: CopyRow[number]): string | null {
  if (value === null) return table.key.includes(column) ? 'has no value, which a key needs' : null
  if (value instanceof Uint8Array) return 'holds bytes that are no text'
  if (typeof value !== 'string') return null
  if (value.includes('\0')) return 'holds the character NUL'
  const most = table.maxCharacters?.[column]
  // Characters of PostgreSQL are code points, of which a text has no more than it has units.
  if (most === undefined || value.length <= most) return null
  const characters = Array.from(value).length
  return characters > most ? `has ${characters} characters, and ${most} fit` : null
}

/** Text that is not UTF-8 is read with a character in the place of what is wrong. */
async function damageOf(
  source: StateSide,
  table: CopiedTable,
  { columns, column, row, i }: { columns: readonly Column[]; column: string; row: CopyRow; i: number },
): Promise<string | null> {
  const value = row[i]
  if (typeof value !== 'string' || !value.includes(REPLACEMENT_CHARACTER)) return null
  const isDamaged = await source.isDamagedText(table, column, keyOf(table, columns, row))
  return isDamaged ? 'holds bytes that are not UTF-8' : null
}

function keyText(table: CopiedTable, columns: readonly Column[], row: CopyRow): string {
  return keyOf(table, columns, row)
    .map((value) => (typeof value === 'string' ? JSON.stringify(value) : String(value)))
    .join(', ')
}
