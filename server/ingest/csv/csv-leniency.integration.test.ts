import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import fc from 'fast-check'
import { afterAll, expect, it } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { chooseHeader, readFirstRecords } from './csv-header'
import { mightReadLeniently } from './csv-leniency'
import { readCsvRecords } from '@/lib/ingest/csv-records'
import { CSV_OPTIONS } from './csv-relation'

const folder = mkdtempSync(path.join(tmpdir(), 'csv-leniency-'))
const file = path.join(folder, 'rows.csv')
afterAll(() => rmSync(folder, { recursive: true }))

it('detects every text that DuckDB and the exact reader read differently', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  const read = `SELECT * FROM read_csv('${file}', header = true, columns = {'x': 'VARCHAR', 'y': 'VARCHAR'}, ${CSV_OPTIONS.join(', ')})`
  const piece = fc.constantFrom('a', 'b', ',', ',', '"', '"', '\n', '\r', '\r\n', ' ', '\t', '""')
  let comparedCount = 0
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 14 }), async (pieces) => {
      const text = `x,y\n${pieces.join('')}`
      writeFileSync(file, text)
      if (await mightReadLeniently(file, 2)) return
      const rows = await connection.runAndReadAll(read).then(
        (answer) => answer.getRows(),
        () => null, // refused: the exact reader is used
      )
      if (rows === null) return
      comparedCount += 1
      expect(rows).toEqual(await exactRows(text))
    }),
    { numRuns: 1500 },
  )
  expect(comparedCount).toBeGreaterThan(100)
})

it('reads the rows after every header that is the first line of its file', async () => {
  const connection = await (await DuckDBInstance.create(':memory:', { threads: '1' })).connect()
  const read = `SELECT * FROM read_csv('${file}', header = true, columns = {'x': 'VARCHAR', 'y': 'VARCHAR'}, ${CSV_OPTIONS.join(', ')})`
  const piece = fc.constantFrom('a', ' ', ',', ',', '"b"', '"', '""', '"c', 'd"', '\n', '\r', '\r\n')
  let comparedCount = 0
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('', '\ufeff'),
      fc.array(piece, { maxLength: 8 }),
      fc.constantFrom('\n', '\r', '\r\n'),
      fc.array(fc.constantFrom('1,2', '"u\nv",3', '"w\r",'), { maxLength: 3 }),
      async (mark, pieces, end, rows) => {
        const text = [`${mark}${pieces.join('')}`, ...rows, ''].join(end)
        writeFileSync(file, text)
        const candidates = await readFirstRecords(() => chunksOf(text), {
          ...CSV_DEFAULTS,
          delimiter: ',',
          isTruncated: false,
        })
        const [first] = candidates
        if (first === undefined || 'malformed' in first.record) return
        const header = chooseHeader(candidates, CSV_DEFAULTS, { names: new Set(), isLenient: false })
        if (!header.isFirstLine || header.names.length !== 2 || (await mightReadLeniently(file, 2))) return
        const found = await connection.runAndReadAll(read).then(
          (answer) => answer.getRows(),
          () => null, // refused: the exact reader is used
        )
        if (found === null) return
        comparedCount += 1
        expect(found).toEqual(await exactRows(text))
      },
    ),
    { numRuns: 1500 },
  )
  expect(comparedCount).toBeGreaterThan(50)
})

async function exactRows(text: string): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const record of readCsvRecords(chunksOf(text))) {
    const isWhole = 'fields' in record && record.fields.length === 2
    rows.push(isWhole ? record.fields : 'not two fields')
  }
  return rows.slice(1)
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
}
