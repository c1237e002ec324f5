import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { SMALL_PAGES, transcodeBytes } from '@/testing/parquet/transcode-bytes'
import { CORPUS, readCorpusFile } from '@/testing/parquet-corpus/corpus-files'
import { installPyiceberg } from '@/testing/peers/install-pyiceberg'
import type { ColumnLayout, WrittenCodec } from './column-layout'

const python = installPyiceberg()
const PROGRAM = path.resolve('testing/parquet-corpus/check_transcoded.py')
const VALUES = path.resolve('testing/parquet-corpus/files/values.json')

const LEVELS: readonly [WrittenCodec, readonly (number | null)[]][] = [
  ['uncompressed', [null]],
  ['snappy', [null]],
  ['gzip', [null, 0, 9]],
  ['zstd', [null, 1, 22]],
  ['brotli', [null, 0, 11]],
  ['lz4_raw', [null]],
]

describe.skipIf(python === null)('PyArrow (skipped if it is not available)', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-pyarrow-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  async function findProblems(layout: ColumnLayout): Promise<unknown> {
    const files = []
    for (const name of CORPUS) {
      const file = path.join(folder, name)
      writeFileSync(file, (await transcodeBytes(name, readCorpusFile(name), layout)).bytes)
      files.push(file)
    }
    return JSON.parse(execFileSync(python ?? '', [PROGRAM, VALUES, ...files], { encoding: 'utf8' }))
  }

  it.each(LEVELS.flatMap(([codec, levels]) => levels.map((level) => ({ codec, level }))))(
    'reads all values, checksums, sizes and statistics of the corpus with $codec, level $level',
    async (codec) => {
      expect(await findProblems({ ...SMALL_PAGES, ...codec })).toEqual([])
    },
  )

  it('reads them with Bloom filters between row groups', async () => {
    const bloomFilter = { maxBytes: 4096, falsePositiveRate: 0.01, distinctCount: null }
    // The first column of a second row group does not begin where the first row group ends.
    expect(await findProblems({ ...SMALL_PAGES, bloomFilter })).toEqual([
      expect.stringMatching(/^v1-zstd.parquet: boolean_required.PLAIN starts at/),
      expect.stringMatching(/^v2-zstd.parquet: boolean_required.PLAIN starts at/),
    ])
  })

  it('reads them without dictionaries', async () => {
    expect(await findProblems({ ...SMALL_PAGES, dictionary: 'drop', codec: 'snappy' })).toEqual([])
  })
})
