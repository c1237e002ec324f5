import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { byCases } from '@/testing/property-cases'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { CORPUS, readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { ChunkLane, type StartChunkThread } from './chunk-lane'
import type { ToChunkThread } from './chunk-messages'
import type { ColumnLayout } from '../column-layout'
import { createChunkTranscoder } from './transcode-in-thread'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-chunks-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Does the work of the thread here, with messages that are cloned as between threads. */
const startHere: StartChunkThread = ({ onMessage }) => {
  let hasEnded = false
  const handle = createChunkTranscoder((message, transfer) => {
    const posted = structuredClone(message, { transfer: [...transfer] })
    setImmediate(() => {
      if (!hasEnded) onMessage(posted)
    })
  })
  return {
    post: (message) => handle(structuredClone(message)),
    end: () => {
      hasEnded = true
    },
  }
}

function afterTurns(count: number, work: () => void): void {
  if (count === 0) work()
  else setImmediate(() => afterTurns(count - 1, work))
}

function writeFile(name: string, bytes: Uint8Array): string {
  const file = path.join(folder, name.replaceAll('/', '-'))
  writeFileSync(file, bytes)
  return file
}

const BLOOM_FILTERS: ColumnLayout = {
  ...SMALL_PAGES,
  bloomFilter: { maxBytes: 4096, falsePositiveRate: 0.01, distinctCount: null },
}
/** A file of the corpus with many columns. */
const MANY_CHUNKS = 'v1-zstd.parquet'
const MAX_POSTED_JOBS = 8
const LAYOUTS: readonly ColumnLayout[] = [
  SMALL_PAGES,
  BLOOM_FILTERS,
  { ...SMALL_PAGES, codec: 'uncompressed', statistics: 'none', dictionary: 'drop' },
]

describe('Chunks that are transcoded in a second thread', () => {
  it.each(
    byCases(
      CORPUS.filter((_, i) => i % 4 === 1),
      CORPUS,
    ),
  )('have the bytes that they have without it: %s', async (name) => {
    const original = readCorpusFile(name)
    const post = vi.fn()
    const lane = new ChunkLane((events) => {
      const thread = startHere(events)
      return { ...thread, post: (message) => (post(message.kind), thread.post(message)) }
    })
    for (const layout of LAYOUTS) {
      const alone = await transcodeBytes(name, original, layout)
      const secondThread = { lane, file: writeFile(name, original) }
      const shared = await transcodeBytes(name, original, layout, { secondThread })
      expect(Buffer.compare(shared.bytes, alone.bytes)).toBe(0)
      expect(shared.file).toEqual(alone.file)
    }
    const jobs = post.mock.calls.filter(([kind]) => kind === 'transcode')
    expect(jobs.length, 'chunks of the thread').toBeGreaterThan(LAYOUTS.length)
  })

  it('wait until their pages are taken', async () => {
    const [name = ''] = CORPUS
    const pageCounts = { posted: 0, taken: 0, most: 0 }
    const lane = new ChunkLane(({ onMessage }) => {
      const handle = createChunkTranscoder((message) => {
        if (message.kind === 'pages') pageCounts.posted += message.pages.length
        pageCounts.most = Math.max(pageCounts.most, pageCounts.posted - pageCounts.taken)
        setImmediate(() => onMessage(structuredClone(message)))
      }, 1)
      const post = (message: ToChunkThread) => {
        if (message.kind === 'taken') pageCounts.taken += 1
        handle(message)
      }
      return { post, end: () => {} }
    })
    const original = readCorpusFile(name)
    const { bytes } = await transcodeBytes(name, original, SMALL_PAGES, {
      secondThread: { lane, file: writeFile(name, original) },
    })
    expect(Buffer.compare(bytes, (await transcodeBytes(name, original, SMALL_PAGES)).bytes)).toBe(0)
    expect(pageCounts.posted).toBeGreaterThan(10)
    expect(pageCounts).toMatchObject({ taken: pageCounts.posted, most: 1 })
  })

  it.each([
    ['are transcoded here while the thread is busy', 16 * 1024 * 1024, (jobs: number) => jobs <= MAX_POSTED_JOBS],
    ['wait for the thread where others find no room', 0, (jobs: number, chunks: number) => jobs >= chunks / 2],
  ])('%s', async (_, maxRecordedBytes, isExpected) => {
    const original = readCorpusFile(MANY_CHUNKS)
    const alone = await transcodeBytes(MANY_CHUNKS, original, BLOOM_FILTERS)
    const chunkCount = alone.file.rowGroups.reduce((count, { columns }) => count + columns.length, 0)
    const jobs: ToChunkThread[] = []
    const lane = new ChunkLane((events) => {
      const thread = startHere(events)
      const post = (message: ToChunkThread) => {
        if (message.kind === 'taken') return thread.post(message)
        jobs.push(message)
        // The program needs one turn for each chunk.
        afterTurns(2 * chunkCount, () => thread.post(message))
      }
      return { ...thread, post }
    })
    const secondThread = { lane, file: writeFile(MANY_CHUNKS, original), maxRecordedBytes }
    const shared = await transcodeBytes(MANY_CHUNKS, original, BLOOM_FILTERS, { secondThread })
    expect(chunkCount).toBeGreaterThan(2 * MAX_POSTED_JOBS)
    expect(jobs.length).toSatisfy((count: number) => isExpected(count, chunkCount))
    expect(Buffer.compare(shared.bytes, alone.bytes)).toBe(0)
    expect(shared.file).toEqual(alone.file)
  })

  it('are refused when their file is damaged, and the thread goes on with another file', async () => {
    const [name = ''] = CORPUS
    const original = readCorpusFile(name)
    const lane = new ChunkLane(startHere)
    const absent = transcodeBytes(name, original, SMALL_PAGES, {
      secondThread: { lane, file: path.join(folder, 'absent') },
    })
    await expect(absent).rejects.toMatchObject({ name: 'ChunkThreadError', message: expect.stringContaining('ENOENT') })
    lane.end()
    const { bytes } = await transcodeBytes(name, original, SMALL_PAGES, {
      secondThread: { lane, file: writeFile(name, original) },
    })
    expect(Buffer.compare(bytes, (await transcodeBytes(name, original, SMALL_PAGES)).bytes)).toBe(0)
  })

  it('fail with a thread that ends', async () => {
    const [name = ''] = CORPUS
    const lane = new ChunkLane(({ onEnd }) => ({ post: () => onEnd(new Error('out of memory')), end: () => {} }))
    const secondThread = { lane, file: writeFile(name, readCorpusFile(name)) }
    await expect(transcodeBytes(name, readCorpusFile(name), SMALL_PAGES, { secondThread })).rejects.toMatchObject({
      name: 'ChunkThreadError',
      cause: expect.objectContaining({ message: 'out of memory' }),
    })
  })
})
