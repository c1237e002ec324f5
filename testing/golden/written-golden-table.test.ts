import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { listGoldenTables } from './golden-tables'
import { normalizeGoldenValue, sortGolden } from './golden-value'
import { LAKESHORE_FIELDS, LAKESHORE_ROWS, LAKESHORE_TABLE, writeLakeshoreTable } from './lakeshore-golden'

/**
 * Lakeshore still writes the bytes that PyIceberg read when they were recorded, and those rows are the ones that were
 * loaded. Whatever changes these bytes on purpose, such as another writer of manifests or another version of
 * DuckDB, needs a new record. Nothing is compressed, so the bytes do not depend on Node or the processor.
 */

const ADVICE = `PyIceberg has not read these bytes. If they are intended, record them: npm run golden -- ${LAKESHORE_TABLE}`
/** Bytes around the first difference, as text. */
const CONTEXT_BYTES = 24

const [table] = listGoldenTables().filter(({ name }) => name === LAKESHORE_TABLE)

describe('The golden table that Lakeshore writes', () => {
  test('has the bytes that PyIceberg read', async () => {
    if (!table) throw new Error(`there is no golden table ${LAKESHORE_TABLE}`)
    const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-written-'))
    onTestFinished(() => rmSync(folder, { recursive: true }))
    await writeLakeshoreTable(folder)
    const [stored, written] = [readFiles(table.folder), readFiles(folder)]
    stored.delete('reads.json')
    // Older metadata files are not stored.
    for (const name of written.keys())
      if (name.endsWith('.metadata.json') && name !== table.metadata) written.delete(name)
    expect(listDifferences(stored, written), ADVICE).toEqual([])
  })

  test('has the rows that were loaded, without the deleted one', () => {
    const expected = LAKESHORE_ROWS.map(({ columns, rows }) => ({ columns, rows: normalize(rows) }))
    const read = table?.reads.map(({ columns, rows }) => ({ columns, rows: normalize(rows) }))
    // The last read is of main.
    expect(read).toEqual([...expected, expected.at(-1)])
  })

  test('is compared byte by byte', () => {
    const stored = new Map([
      ['a', Buffer.from('same')],
      ['b', Buffer.from('the old text')],
      ['c', Buffer.from('gone')],
      ['d', Buffer.from('short')],
    ])
    const written = new Map([
      ['a', Buffer.from('same')],
      ['b', Buffer.from('the new text')],
      ['d', Buffer.from('shorter')],
      ['e', Buffer.from('added')],
    ])
    expect(listDifferences(stored, written)).toEqual([
      'b differs from byte 4 on: stored "the old text" (12 bytes), written "the new text" (12 bytes)',
      'c is stored, but not written',
      'd differs from byte 5 on: stored "short" (5 bytes), written "shorter" (7 bytes)',
      'e is written, but not stored',
    ])
  })
})

function normalize(rows: (typeof LAKESHORE_ROWS)[number]['rows']) {
  return sortGolden(
    rows.map((row) => LAKESHORE_FIELDS.map(({ type }, i) => normalizeGoldenValue(type, row[i] ?? null))),
  )
}

function readFiles(folder: string): Map<string, Buffer> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return new Map(
    files.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name)
      return [path.relative(folder, file).replaceAll(path.sep, '/'), readFileSync(file)]
    }),
  )
}

/** A sentence for each file that differs. */
function listDifferences(stored: ReadonlyMap<string, Buffer>, written: ReadonlyMap<string, Buffer>): string[] {
  return [...new Set([...stored.keys(), ...written.keys()])].sort().flatMap((name) => {
    const [before, after] = [stored.get(name), written.get(name)]
    if (!after) return [`${name} is stored, but not written`]
    if (!before) return [`${name} is written, but not stored`]
    if (before.equals(after)) return []
    const different = before.findIndex((byte, i) => byte !== after[i])
    const at = different < 0 ? before.length : different
    const part = (bytes: Buffer) =>
      `${JSON.stringify(bytes.toString('latin1', Math.max(0, at - CONTEXT_BYTES), at + CONTEXT_BYTES))} (${bytes.length} bytes)`
    return [`${name} differs from byte ${at} on: stored ${part(before)}, written ${part(after)}`]
  })
}
