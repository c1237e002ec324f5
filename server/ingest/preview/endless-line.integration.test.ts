import { expect, it } from 'vitest'
import type { InputFormat } from '@/lib/contract/shapes/input-formats'
import { currentSchema, defaultSpec } from '@/lib/iceberg/metadata/current-layout'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { declareColumns } from './declare-columns'
import { previewLoad } from './preview-load'
import { sampleLoad } from './sample-load'

const home = createTestHome()
const MIB = 2 ** 20
const FIELDS = [
  { id: 1, name: 'id', required: false, type: 'long' },
  { id: 2, name: 'note', required: false, type: 'string' },
] as const

/** A file of a gigabyte whose last line begins so, and what a preview, a sample and a form of a new table make of it. */
async function read(start: string, format: InputFormat) {
  const table = await LandingTable.create(home.services, { fields: FIELDS })
  const { metadata } = await table.loaded()
  let readBytes = 0
  const take = (length: number) => {
    readBytes += length
    return Buffer.alloc(length, 'x')
  }
  const input = {
    name: 'line',
    pathValues: new Map<string, string>(),
    sizeBytes: 1024 * MIB,
    receivedBytes: 1024 * MIB,
    localPath: null,
    async *stream() {
      yield Buffer.from(start)
      for (;;) yield take(65_536)
    },
    readRange: ({ start: from, end }: { start: number; end: number }) => Promise.resolve(take(end - from)),
  }
  const schema = currentSchema(metadata)
  const load = {
    userId: 'u',
    schema,
    spec: defaultSpec(metadata),
    rules: [],
    input,
    options: { format, ignoreExtra: false },
  }
  const { signal } = new AbortController()
  const outcome = (result: Promise<object>) => result.catch((error: unknown) => error)
  const preview = await outcome(previewLoad(STAGE_HERE.runPreview, { ...load, table: null }, signal))
  const previewBytes = readBytes
  const sample = await outcome(sampleLoad(STAGE_HERE.runStage, { ...load, sortOrder: null, properties: {} }, signal))
  const sampleBytes = readBytes - previewBytes
  const declared = await outcome(declareColumns(input, { format }, signal))
  expect(previewBytes).toBeLessThanOrEqual(4 * MIB + 65_536)
  expect(sampleBytes).toBeLessThanOrEqual(9 * MIB)
  expect(readBytes - previewBytes - sampleBytes).toBeLessThanOrEqual(4 * MIB + 65_536)
  expect(JSON.stringify([preview, sample, declared]).length).toBeLessThan(10_000)
  return { preview, sample, declared }
}

const NO_SAMPLE = {
  code: 'not-supported',
  message: 'line has no sample: above 4.00 MiB, only CSV and NDJSON with records of less than 64 KiB have one.',
}

const NO_HEADER = {
  code: 'too-large',
  message: expect.stringMatching(/^The header does not end in the first megabytes .* more than 16 MiB[.]$/),
}
const NO_ROWS = { rows: [], rejects: [], rowsRead: 0, isTruncated: true }

it.each([
  ['csv', '', NO_HEADER],
  ['ndjson', '{"id":1,"note":"', NO_ROWS],
  ['json', '[{"id":1,"note":"', NO_ROWS],
] as const)('A file of %s with one endless line says so, and little of it is read', async (format, start, expected) => {
  const { preview, sample, declared } = await read(start, format)
  expect(preview).toMatchObject(expected)
  expect(sample).toMatchObject(NO_SAMPLE)
  expect(declared).toMatchObject({ code: 'too-large', message: expect.stringContaining('does not end in the first') })
})

it('Rows before an endless one are shown and sampled', async () => {
  const { preview, sample, declared } = await read('id,note\n1,a\nx,b\n3,', 'csv')
  expect(preview).toMatchObject({ rows: [{ line: 2 }], rejects: [{ line: 3 }], rowsRead: 2, isTruncated: true })
  expect(sample).toMatchObject({ from: 'spread', rowsRead: 2, rowsRejected: 1 })
  expect(declared).toMatchObject({ columns: [{ name: 'id' }, { name: 'note' }] })
})
