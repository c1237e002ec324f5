import { mkdtempSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { CSV_DEFAULTS, type CsvOptions } from '@/lib/ingest/csv-options'
import { encodeText } from '@/lib/ingest/text-encoding'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { copySample } from './copy-sample'
import type { PreviewedInput } from './previewed-input'
import { previewLoad } from './preview-load'
import { sampleLoad } from './sample-load'

const home = createTestHome()
const FIELDS = [
  { id: 1, name: 'id', required: false, type: 'long' },
  { id: 2, name: 'day', required: false, type: 'date' },
  { id: 3, name: 'note', required: false, type: 'string' },
] as const

function toInput(bytes: Uint8Array, { isSeekable = true } = {}): PreviewedInput {
  return {
    name: 'a.csv',
    pathValues: new Map(),
    sizeBytes: bytes.length,
    receivedBytes: bytes.length,
    localPath: null,
    async *stream() {
      for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536)
    },
    ...(isSeekable && { readRange: ({ start, end }) => Promise.resolve(bytes.subarray(start, end)) }),
  }
}

async function sample(input: PreviewedInput) {
  const table = await LandingTable.create(home.services, { fields: FIELDS, partitionBy: 'day' })
  const { metadata } = await table.loaded()
  const request = { schema: currentSchema(metadata), spec: defaultSpec(metadata), sortOrder: null, properties: {} }
  const options = { format: 'csv', ignoreExtra: false } as const
  const { signal } = new AbortController()
  return sampleLoad(STAGE_HERE.runStage, { ...request, userId: 'u', rules: [], input, options }, signal)
}

const ROW_COUNT = 120_000
/** Sorted by day, with quoted line ends; every second row of the last tenth has an id that does not fit. */
const ROWS = Array.from({ length: ROW_COUNT }, (_, i) => {
  const day = String(1 + Math.floor((i * 20) / ROW_COUNT)).padStart(2, '0')
  return `${i < 0.9 * ROW_COUNT || i % 2 === 0 ? i : `n/a ${i}`},2026-10-${day},"text, of\nrow ${i}"\n`
})
const TEXT = `id,day,note\n${ROWS.join('')}`

it('A sample of a large file has rows of all of it: its days, and the values that do not fit near its end', async () => {
  const bytes = new TextEncoder().encode(TEXT)
  const found = await sample(toInput(bytes))
  expect(found.from).toBe('spread')
  expect(found.partitions.map(({ label }) => label)).toEqual(
    Array.from({ length: 20 }, (_, i) => `day=2026-10-${String(i + 1).padStart(2, '0')}`),
  )
  expect(found.partitionCount).toBe(20)
  expect(found.rowsRead).toBeGreaterThan(0.5 * 4 * 1024 * 1024 * (ROW_COUNT / bytes.length))
  expect(Math.abs((found.rowsRead / found.inputBytes) * (bytes.length / ROW_COUNT) - 1)).toBeLessThan(0.05)
  expect(found.rejectedColumns).toEqual([{ column: 'id', count: found.rowsRejected }])
  const [first] = found.rejects
  expect(first).toMatchObject({ column: 'id', value: expect.stringMatching(/^n\/a 1\d{5}$/) })
  expect(TEXT.indexOf(first?.value ?? '')).toBeGreaterThanOrEqual(first?.afterByte ?? Infinity)
  // The rows of its beginning are a little shorter.
  const line = TEXT.slice(0, TEXT.indexOf(first?.value ?? '')).split('\n').length
  expect(Math.abs((first?.line ?? 0) / line - 1)).toBeLessThan(0.03)
  expect(found.rowsRejected / found.rowsRead).toBeGreaterThan(0.04)
})

it('A file of hundreds of columns is previewed and sampled', async () => {
  const fields = Array.from({ length: 600 }, (_, i) => ({
    id: i + 1,
    name: `c${i}`,
    required: false,
    type: 'string' as const,
  }))
  const row = (cell: (name: string) => string) => `${fields.map(({ name }) => cell(name)).join(',')}\n`
  const input = toInput(new TextEncoder().encode(row((name) => name) + row(() => 'x')))
  const spec = { specId: 0, fields: [] }
  const options = { format: 'csv', ignoreExtra: false } as const
  const load = { userId: 'u', schema: { schemaId: 0, identifierFieldIds: [], fields }, spec, rules: [], input, options }
  const { signal } = new AbortController()
  const preview = await previewLoad(STAGE_HERE.runPreview, { ...load, table: null }, signal)
  const sampled = await sampleLoad(STAGE_HERE.runStage, { ...load, sortOrder: null, properties: {} }, signal)
  expect([preview.rowsRead, preview.rowsRejected, sampled.rowsRead, sampled.rowsRejected]).toEqual([1, 0, 1, 0])
})

async function copyText(input: PreviewedInput, csv: CsvOptions = CSV_DEFAULTS) {
  const folder = mkdtempSync(path.join(home.config.homeDir, 'copy-'))
  const sampled = { format: 'csv', csv, columnNames: new Set(['id']) } as const
  const copy = await copySample(input, sampled, { folder, signal: new AbortController().signal })
  return { ...copy, records: readFileSync(copy.path, 'utf8').split(/(?<=")\n|(?<=note)\n/) }
}

it('UTF-16 and other encodings are sampled as UTF-8', async () => {
  const text = TEXT.replaceAll('text', 'Prüfung ž')
  const rows = new Set(text.split(/(?<=")\n|(?<=note)\n/))
  for (const encoding of ['utf-16le', 'windows-1250'] as const) {
    const bytes = encodeText(text, encoding)
    const { from, records, inputBytes, csv } = await copyText(toInput(bytes), { ...CSV_DEFAULTS, encoding })
    expect([from, csv.encoding, records[0]]).toEqual(['spread', 'utf-8', 'id,day,note'])
    expect(records.filter((record) => !rows.has(record))).toEqual([])
    expect(Math.abs((records.length / inputBytes) * (bytes.length / ROW_COUNT) - 1)).toBeLessThan(0.05)
  }
})

it('A file that can only be read from its beginning is sampled there, and a small one is read whole', async () => {
  const bytes = new TextEncoder().encode(TEXT)
  const { from, records, inputBytes } = await copyText(toInput(bytes, { isSeekable: false }))
  expect(from).toBe('beginning')
  expect(TEXT.startsWith(records.join('\n'))).toBe(true)
  expect(inputBytes).toBeGreaterThan(4 * 1024 * 1024 - 100)
  const small = await sample(toInput(new TextEncoder().encode('id,day,note\n1,2026-10-01,a\nx,2026-10-02,b\n')))
  expect(small).toMatchObject({
    from: 'whole',
    rowsRead: 2,
    inputBytes: 42,
    partitions: [{ label: 'day=2026-10-01', rowCount: 1 }],
    rejects: [{ line: 3, afterByte: null, column: 'id', value: 'x' }],
  })
})
