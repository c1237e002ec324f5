import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'
import { DuckDBInstance } from '@duckdb/node-api'
import { tableFromIPC } from 'apache-arrow'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { NestedField, Type } from '@/lib/iceberg/schema/types'
import type { Codec } from '@/lib/parquet/footer'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { nullListFile, repeatedTextFile, textListFile } from '@/testing/parquet/expanding-file'
import { plainTextPage, sampleTextFile } from '@/testing/parquet/sample-file'
import { createRowReader } from '@/lib/scan/read-rows'
import { decodeColumns, type FileFacts, openFile } from './decode'

/** Small files that expand to gigabytes. None may reach the decoder, because running out of memory ends the tab. */

const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-bounds-'))
let duckdb: Awaited<ReturnType<DuckDBInstance['connect']>>

beforeAll(async () => {
  duckdb = await (await DuckDBInstance.create(':memory:')).connect()
})
afterAll(() => rmSync(folder, { recursive: true }))

const field = (id: number, name: string, type: Type): NestedField => ({ id, name, type, required: false })
const toListType = (element: Type): Type => ({ type: 'list', elementId: 2, element, elementRequired: false })

describe('a file that would exceed the memory of a tab is refused before it is decoded, with its column and the limit', () => {
  test('one text of 200 MB, with the message of the table’s rows', async () => {
    const file = textFile([200_000_000])
    expect(file.bytes.length).toBeLessThan(100_000)
    const text = field(1, 'story', 'string')
    const expectedError = { code: 'too-large', facts: { file: file.name } }
    await expect(decodeSample(file, text)).rejects.toMatchObject({
      ...expectedError,
      message: `${file.name}: column story: a value of 191 MiB is longer than the limit of 64 MiB`,
    })
    await expect(readRows(file, text)).rejects.toMatchObject({
      ...expectedError,
      message: `${file.name}: column story: the values of these rows are longer than 64 MiB together`,
    })
  })

  test('a text of 100 MB among others of one page', async () => {
    const file = textFile([1, 50_000_000, 100_000_000])
    await expect(decodeSample(file, field(1, 's', 'string'))).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('column s: a value of 95 MiB is longer than the limit of 64 MiB'),
    })
  })

  test('a text of 100 MB in a dictionary', async () => {
    const file = {
      name: 'dictionary',
      bytes: repeatedTextFile({ lengthBytes: 100_000_000, rowCount: 20 }),
      rowCount: 20,
    }
    await expect(decodeSample(file, field(1, 's', 'string'))).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('column s: a value of 95 MiB is longer than the limit of 64 MiB'),
    })
  })

  test('a value of 1 kB that a dictionary repeats twenty million times', async () => {
    const rowCount = 20_000_000
    const file = { name: 'repeated', bytes: repeatedTextFile({ lengthBytes: 1000, rowCount }), rowCount }
    expect(file.bytes.length).toBeLessThan(1000)
    await expect(decodeSample(file, field(1, 's', 'string'))).rejects.toMatchObject({
      code: 'too-large',
      facts: { file: file.name },
      message: `${file.name}: column s: these rows take more than 512 MiB of memory; leave the column out to read the others`,
    })
  })

  test('texts of a dictionary inside lists', async () => {
    const file = { name: 'texts', bytes: textListFile({ lengthBytes: 20_000, elementCount: 40_000 }), rowCount: 1 }
    await expect(decodeSample(file, field(1, 'l', toListType('string')))).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('column l: these rows take more than 512 MiB'),
    })
  })

  test('a list of thirty million nulls', async () => {
    const file = { name: 'nulls', bytes: nullListFile(30_000_000), rowCount: 1 }
    expect(file.bytes.length).toBeLessThan(1000)
    await expect(decodeSample(file, field(1, 'l', toListType('decimal(38, 0)')))).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('column l: these rows take more than 512 MiB'),
    })
  })

  test('a partition value that every row repeats', async () => {
    const file = await writeSampleFile('select 1 as a from range(1000000)', '{a: 1}')
    const constants = new Map([[7, 'y'.repeat(1000)]])
    await expect(decodeSample(file, field(7, 'region', 'string'), { constants })).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('column region: these rows take more than 512 MiB'),
    })
    const fieldsTogether = [field(1, 'a', 'long'), field(7, 'region', 'string')]
    await expect(decodeSample(file, fieldsTogether, { constants })).rejects.toMatchObject({ code: 'too-large' })
  })

  test.each(['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4_raw'] as const)(
    'a page of %s that declares two gigabytes',
    async (codec) => {
      const stored = new Uint8Array(100)
      const file = sampleBomb(codec, stored, 2 ** 31 - 1)
      await expect(decodeSample(file, field(1, 's', 'string'))).rejects.toMatchObject({
        code: 'too-large',
        message: 'bomb: column s: these rows take more than 512 MiB of memory; leave the column out to read the others',
      })
    },
  )

  test.each([
    ['gzip', () => Buffer.concat(Array.from({ length: 64 }, () => ZEROS_OF_GZIP))],
    ['brotli', () => zlib.brotliCompressSync(Buffer.alloc(64 * 1024 * 1024), FAST_BROTLI)],
  ] as const)('a page of %s that declares 1 kB and expands enormously', async (codec, compress) => {
    const file = sampleBomb(codec, new Uint8Array(compress()), 1024)
    await expect(decodeSample(file, field(1, 's', 'string'))).rejects.toMatchObject({
      code: 'file-damaged',
      message: 'bomb: column s: a page decompresses to more bytes than the 1024 it claims',
      facts: { file: 'bomb' },
    })
  })

  test('a page of zstd that declares 1 kB and expands to gigabytes', async () => {
    const file = sampleBomb('zstd', zstdZeros(4 * 1024 * 1024 * 1024), 1024)
    expect(file.bytes.length).toBeLessThan(200_000)
    await expect(decodeSample(file, field(1, 's', 'string'))).rejects.toMatchObject({
      code: 'file-damaged',
      message: 'bomb: column s: a page decompresses to more bytes than the 1024 it claims',
    })
  })
})

describe('large files with correct sizes are decoded', () => {
  test('the same files with little in them', async () => {
    const texts = { name: 'texts', bytes: repeatedTextFile({ lengthBytes: 2, rowCount: 3 }), rowCount: 3 }
    expect(readFirstColumn(await decodeSample(texts, field(1, 's', 'string')))).toEqual(['yy', 'yy', 'yy'])
    const lists = { name: 'lists', bytes: textListFile({ lengthBytes: 2, elementCount: 2 }), rowCount: 1 }
    expect(readFirstColumn(await decodeSample(lists, field(1, 'l', toListType('string'))))).toEqual([['yy', 'yy']])
    const nulls = { name: 'nulls', bytes: nullListFile(2), rowCount: 1 }
    const decimals = field(1, 'l', toListType('decimal(38, 0)'))
    expect(readFirstColumn(await decodeSample(nulls, decimals))).toEqual([[null, null]])
  })

  test('row groups that exceed the limit together are decoded one by one', async () => {
    const file = await writeSampleFile(
      "select repeat('y', 1000) || i % 10 as s from range(1000000) r(i)",
      '{s: 1}',
      ', ROW_GROUP_SIZE 250000',
    )
    const text = field(1, 's', 'string')
    await expect(decodeSample(file, text)).rejects.toMatchObject({ code: 'too-large' })
    const openedFile = await openSample(file)
    const { rowCount } = await decodeColumns(openedFile, { rowGroups: [1], fields: [text] })
    expect(rowCount).toBe(openedFile.rowGroups[1]?.rowCount)
  })

  test('one long text in a dictionary of short ones that repeat', async () => {
    const file = await writeSampleFile(
      "select case when i = 0 then repeat('y', 1000000) else 'v' || i % 10 end as s from range(100000) r(i)",
      '{s: 1}',
    )
    const { rowCount } = await decodeSample(file, field(1, 's', 'string'))
    expect(rowCount).toBe(100_000)
  })
})

type File = { name: string; bytes: Uint8Array; rowCount: number }

let fileCount = 0
async function writeSampleFile(sql: string, fieldIds: string, options = ''): Promise<File> {
  const name = path.join(folder, `${++fileCount}.parquet`)
  await duckdb.run(`copy (${sql}) to '${name}' (format parquet, compression zstd, field_ids ${fieldIds}${options})`)
  const [[count] = []] = (await duckdb.runAndReadAll(`select count(*) from read_parquet('${name}')`)).getRows()
  return { name, bytes: new Uint8Array(readFileSync(name)), rowCount: Number(count) }
}

/** A page of texts. */
function textFile(lengthsBytes: readonly number[]): File {
  const plain = Buffer.concat(lengthsBytes.map(plainTextPage))
  const rowCount = lengthsBytes.length
  const stored = zlib.zstdCompressSync(plain)
  return {
    name: 'texts',
    bytes: sampleTextFile({ rowCount, codec: 'zstd', stored, encodedBytes: plain.length }),
    rowCount,
  }
}

const ZEROS_OF_GZIP = zlib.gzipSync(Buffer.alloc(64 * 1024 * 1024), { level: 1 })
const FAST_BROTLI = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 1 } }

function sampleBomb(codec: Codec, stored: Uint8Array, encodedBytes: number): File {
  return { name: 'bomb', bytes: sampleTextFile({ rowCount: 1, codec, stored, encodedBytes }), rowCount: 1 }
}

/** A frame of blocks that each repeat one byte. Spec: RFC 8878, section 3.1.1.2. */
function zstdZeros(length: number): Uint8Array {
  const blockBytes = 128 * 1024
  const count = length / blockBytes
  const blocks = Array.from({ length: count }, (_, i) => {
    const header = (blockBytes << 3) | (1 << 1) | (i === count - 1 ? 1 : 0)
    return [header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0]
  })
  // The window has the length of a block.
  return Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 7 << 3, ...blocks.flat()])
}

function toSource({ name, bytes }: File) {
  return { name, byteLength: bytes.length, read: async (start: number, end: number) => bytes.slice(start, end) }
}

const openSample = (file: File, facts: Partial<FileFacts> = {}) =>
  openFile(
    toSource(file),
    { recordCount: file.rowCount, tailBytes: 4096, constants: new Map(), nameMapping: null, ...facts },
    pageCodecs,
  )

function readFirstColumn({ batches }: { batches: readonly Uint8Array[] }): unknown[] {
  return batches.flatMap((ipc): unknown[] => JSON.parse(JSON.stringify(tableFromIPC(ipc).getChildAt(0))))
}

async function decodeSample(file: File, fields: NestedField | readonly NestedField[], facts: Partial<FileFacts> = {}) {
  const openedFile = await openSample(file, facts)
  const rowGroups = openedFile.rowGroups.map((_, i) => i)
  return await decodeColumns(openedFile, { rowGroups, fields: [fields].flat() })
}

function readRows(file: File, column: NestedField) {
  const { name: path, bytes, rowCount: recordCount } = file
  const scanFile = {
    path,
    fileSizeBytes: bytes.length,
    recordCount,
    firstRowIndex: 0,
    sequenceNumber: 1,
    constants: new Map(),
  }
  const reader = createRowReader({
    codecs: pageCodecs,
    fields: [column],
    files: [scanFile],
    open: () => toSource(file),
  })
  return reader.readRows({ firstRow: 0, lastRow: recordCount, fieldIds: [column.id] })
}
