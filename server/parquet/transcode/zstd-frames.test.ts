import { randomBytes } from 'node:crypto'
import zlib from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { ZstdFrames } from './zstd-frames'

const PAGES = [
  Buffer.from('a page'),
  Buffer.alloc(0),
  Buffer.alloc(160_000, 'flights '),
  // These do not become smaller, so that their frames do not fit into what is left of the output.
  randomBytes(300_000),
  randomBytes(300_000),
  randomBytes(1_200_000),
  Buffer.from(Float64Array.from({ length: 20_000 }, (_, i) => i / 8).buffer),
]

describe('frames of one context', () => {
  test.each([1, 3])('are those of a context for each page, at level %d', async (level) => {
    const ofFile = new ZstdFrames()
    const frames = await Promise.all(PAGES.map((page) => ofFile.compress(page, level)))
    for (const [i, page] of PAGES.entries()) {
      const params = { [zlib.constants.ZSTD_c_compressionLevel]: level }
      const own = zlib.zstdCompressSync(page, { pledgedSrcSize: page.length, params })
      expect(own.equals(frames[i] ?? Buffer.alloc(0)), `page ${i}`).toBe(true)
    }
  })

  test('stay those of their page when pages of several levels are compressed at once', async () => {
    const jobs = [1, 3, 1, 2, 3].flatMap((level) => PAGES.map((page) => ({ level, page })))
    const ofFile = new ZstdFrames()
    const frames = await Promise.all(jobs.map(({ level, page }) => ofFile.compress(page, level)))
    for (const [i, { page }] of jobs.entries()) {
      expect(zlib.zstdDecompressSync(frames[i] ?? Buffer.alloc(0)).equals(page), `page ${i}`).toBe(true)
    }
  })
})
