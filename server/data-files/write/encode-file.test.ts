import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { type DuckdbSession, openDuckdbSession } from '@/server/data-files/duckdb/duckdb-session'
import type { FileLimits } from '@/server/parquet/transcode/transcoding'
import { ChunkLane } from '@/server/parquet/transcode/thread/chunk-lane'
import { createChunkTranscoder } from '@/server/parquet/transcode/thread/transcode-in-thread'
import { encodeFiles } from './encode-file'
import { rowGroupRows, writeParquet } from './parquet-file'
import { parseWriteSettings } from './write-settings'

const ROW_COUNT = 700_000
const BYTES_PER_ROW = 16
const field = (id: number) => ({ id, name: `c${id}`, required: true, type: 'long' as const })
const schema: Schema = { schemaId: 0, identifierFieldIds: [], fields: [field(1), field(2)] }
const write = parseWriteSettings({ 'write.parquet.row-group-size-bytes': '200000' }, schema, () => {})
const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-encode-'))
const from = path.join(folder, 'encoded')
let session: DuckdbSession

beforeAll(async () => {
  session = await openDuckdbSession(
    { inputPath: `${folder}/none`, stagingDir: folder },
    { memoryMiB: 256, threads: 1, tempMiB: 64 },
  )
  // The second half is more varied, so its row groups are longer.
  const rows = `SELECT range AS c1, CASE WHEN range < ${ROW_COUNT / 2} THEN 7 ELSE hash(range) >> 4 END AS c2
    FROM range(${ROW_COUNT})`
  await writeParquet(session, rows, { file: from, schema, write, bytesPerRow: BYTES_PER_ROW })
  return () => {
    session.close()
    rmSync(folder, { recursive: true })
  }
})

async function encode(name: string, options: { limits?: FileLimits; lane?: ChunkLane } = {}) {
  const paths: string[] = []
  const nextPath = () => {
    const file = path.join(folder, `${name}-${paths.length}.parquet`)
    paths.push(file)
    return file
  }
  const files: unknown[] = []
  const onFile = (file: { fileSizeBytes: number }, at: string) => {
    expect(statSync(at).size).toBe(file.fileSizeBytes)
    files.push(file)
  }
  onTestFinished(() => paths.forEach((file) => rmSync(file)))
  await encodeFiles(from, { nextPath, onFile }, { ...write, schema }, options)
  return { files, paths, bytes: paths.map((file) => readFileSync(file)) }
}

/** A thread that ends once it has taken this many chunks. */
function createFailingLane(chunkCount: number) {
  const counts = { started: 0, posted: 0 }
  const lane = new ChunkLane(({ onMessage, onEnd }) => {
    counts.started += 1
    const handle = createChunkTranscoder((message) => setImmediate(() => onMessage(structuredClone(message))))
    return {
      post: (message) => {
        counts.posted += message.kind === 'transcode' ? 1 : 0
        if (counts.posted > chunkCount) onEnd(new Error('out of memory'))
        else handle(message)
      },
      end: () => {},
    }
  })
  return { lane, counts }
}

const LIMITS = { targetBytes: 1_000_000, maxBytes: 1_500_000 }

it.each([
  ['one file', {}, 0],
  ['one file', {}, 3],
  ['several', { limits: LIMITS }, 0],
  ['several', { limits: LIMITS }, 5],
])('%s is encoded without its thread when the thread fails: %o, after %i chunks', async (_, limits, chunkCount) => {
  const alone = await encode('alone', limits)
  const { lane, counts } = createFailingLane(chunkCount)
  const shared = await encode('shared', { ...limits, lane })
  expect(counts.started).toBe(1)
  expect(shared.files).toEqual(alone.files)
  expect(shared.bytes.map((bytes, i) => Buffer.compare(bytes, alone.bytes[i] ?? Buffer.alloc(0)))).toEqual(
    alone.bytes.map(() => 0),
  )
})

it('A file is divided at row groups near the target size, and its parts follow one another', async () => {
  const { files, paths, bytes } = await encode('part', { limits: LIMITS })
  const sizes = bytes.map(({ length }) => length)
  expect(sizes.length).toBeGreaterThan(2)
  for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThanOrEqual(LIMITS.targetBytes)
  for (const size of sizes) expect(size).toBeLessThanOrEqual(LIMITS.maxBytes)
  expect(sizes.at(-1)).toBeGreaterThanOrEqual(LIMITS.targetBytes / 2)
  let firstRow = 0
  for (const [i, file] of paths.entries()) {
    const [counted] = await session.rows(
      `SELECT count(*)::INTEGER AS n, min(c1)::INTEGER AS low, max(c1)::INTEGER AS high FROM read_parquet('${file}')`,
    )
    const n = Number(counted?.n)
    expect(counted).toEqual({ n, low: firstRow, high: firstRow + n - 1 })
    expect(files[i]).toMatchObject({ recordCount: n, fileSizeBytes: sizes[i] })
    firstRow += n
  }
  expect(firstRow).toBe(ROW_COUNT)
})

it('A rest of less than half a file stays in the one before', async () => {
  const { bytes } = await encode('part', { limits: LIMITS })
  const byteCount = bytes.reduce((sum, { length }) => sum + length, 0)
  const targetBytes = Math.floor(byteCount / 1.3)
  const { files } = await encode('whole', { limits: { targetBytes, maxBytes: 1.5 * targetBytes } })
  expect(files).toHaveLength(1)
})

it('Row groups that are compressed to a part of a file fill it', async () => {
  const { bytes } = await encode('groups', { limits: { targetBytes: 200_000, maxBytes: 300_000 } })
  for (const { length } of bytes.slice(0, -1)) expect(length).toBeGreaterThanOrEqual(200_000)
})

it('A row group that is longer than a file is one', async () => {
  const { files } = await encode('small', { limits: { targetBytes: 1000, maxBytes: 1500 } })
  expect(files).toHaveLength(Math.ceil(ROW_COUNT / rowGroupRows(write, BYTES_PER_ROW)))
})
