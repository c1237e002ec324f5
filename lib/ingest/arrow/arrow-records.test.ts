import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import {
  Bool,
  CompressionType,
  compressionRegistry,
  Dictionary,
  Field,
  Float64,
  Int32,
  Int64,
  List,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Struct,
  Table,
  Utf8,
  vectorFromArray,
} from 'apache-arrow'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { AppError } from '@/lib/errors'
import { jsonTokenText } from '../json-tokens'
import type { ArrowCodecs } from './arrow-batch'
import { readArrowRecords } from './arrow-records'

const codecs: ArrowCodecs = {
  zstd: (bytes, maxBytes) => zstdDecompressSync(bytes, { maxOutputLength: maxBytes }),
}

async function read(bytes: Uint8Array, chunkBytes = bytes.length, usedCodecs = codecs): Promise<string[]> {
  async function* chunks() {
    for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes)
  }
  const rows: string[] = []
  const readEnd = async (sizeBytes: number) => bytes.slice(-sizeBytes)
  const options = { name: 'a.arrow', codecs: usedCodecs, readEnd, ignoredFields: [] }
  for await (const records of readArrowRecords(chunks(), options))
    for (const { token, problem } of records) rows.push(problem ?? jsonTokenText(token))
  return rows
}

const failure = (attempt: Promise<unknown>): Promise<AppError> =>
  attempt.then(
    () => expect.fail('it was read'),
    (error: unknown) => (error instanceof AppError ? error : expect.fail(String(error))),
  )

const VALUES = Array.from({ length: 40 }, (_, i) => ({
  id: BigInt(i) - 5n,
  text: i % 3 === 0 ? null : `ü${i}`,
  ratio: i / 7,
  flag: i % 2 === 0,
  color: ['red', 'green'][i % 2] ?? '',
  items: i % 4 === 0 ? null : Array.from({ length: i % 3 }, (__, j) => ({ x: j })),
}))

function toTable(): Table {
  const item = new Struct([new Field('x', new Int32(), true)])
  const column = <Value>(name: keyof (typeof VALUES)[number]) => VALUES.map((row) => row[name]) as Value[]
  return new Table({
    id: vectorFromArray(column<bigint>('id'), new Int64()),
    text: vectorFromArray(column<string | null>('text'), new Utf8()),
    ratio: vectorFromArray(column<number>('ratio'), new Float64()),
    flag: vectorFromArray(column<boolean>('flag'), new Bool()),
    color: vectorFromArray(column<string>('color'), new Dictionary(new Utf8(), new Int32(), 7)),
    items: vectorFromArray(column<{ x: number }[]>('items'), new List(new Field('item', item, true))),
  })
}

const stream = RecordBatchStreamWriter.writeAll(toTable()).toUint8Array(true)
const file = RecordBatchFileWriter.writeAll(toTable()).toUint8Array(true)
const expected = VALUES.map((row) =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value)),
)

describe('An Arrow stream or file', () => {
  test('is read row by row, in chunks of any size', async () => {
    for (const bytes of [stream, file])
      for (const chunkBytes of [1, 100, bytes.length]) expect(await read(bytes, chunkBytes)).toEqual(expected)
  })

  test('that is cut off is refused with the position of the message; a stream may end after any message', async () => {
    for (let end = 0; end < file.length; end += 3)
      expect((await failure(read(file.subarray(0, end)))).code).toBe('file-damaged')
    const schemaBytes = 8 + new DataView(stream.buffer, stream.byteOffset).getInt32(4, true)
    const refused = await failure(read(stream.subarray(0, schemaBytes + 20)))
    expect(refused).toMatchObject({ code: 'file-damaged', facts: { position: schemaBytes } })
    expect(refused.message).toContain(`the message at byte ${schemaBytes} ends too early`)
    // Without the mark at its end.
    expect(await read(stream.subarray(0, -8))).toEqual(expected)
  })

  test.each<[string, Uint8Array, string, string]>([
    ['is empty', new Uint8Array(), 'file-damaged', 'neither an Arrow file nor an Arrow stream'],
    ['is text', Buffer.from('id,text\n1,x\n'), 'file-damaged', 'neither an Arrow file nor an Arrow stream'],
    ['is Feather of version 1', Buffer.from('FEA1\0\0\0\0'), 'not-supported', 'version 1'],
    ['claims long metadata', Buffer.from('ffffffffffffff7f', 'hex'), 'file-damaged', 'claims 2147483647 bytes'],
    ['claims negative metadata', Buffer.from('fffffffffeffffff', 'hex'), 'file-damaged', 'claims -2 bytes'],
    ['has zeros as metadata', Buffer.from(`ffffffff10000000${'00'.repeat(16)}`, 'hex'), 'file-damaged', 'at byte 0'],
    [
      'has metadata that points beyond it',
      Buffer.from(`ffffffff08000000${'ff'.repeat(8)}`, 'hex'),
      'file-damaged',
      'damaged metadata',
    ],
  ])('that %s is refused', async (_name, bytes, code, detail) => {
    const refused = await failure(read(bytes))
    expect(refused.message).toContain(detail)
    expect(refused.code).toBe(code)
  })

  test('with compressed buffers is read only if they have the length that they claim', async () => {
    const lengths: { plainBytes: number; storedBytes: number }[] = []
    const encode = (plain: Uint8Array) => {
      const stored = zstdCompressSync(plain)
      // A buffer that would grow is stored as it is.
      if (stored.length < plain.length) lengths.push({ plainBytes: plain.length, storedBytes: stored.length })
      return stored
    }
    compressionRegistry.set(CompressionType.ZSTD, { encode })
    const texts = Array.from({ length: 300 }, (_, i) => `the same text ${i}`)
    const table = new Table({ text: vectorFromArray(texts, new Utf8()) })
    const options = { compressionType: CompressionType.ZSTD }
    const bytes = RecordBatchStreamWriter.writeAll(table, options).toUint8Array(true)
    const view = new DataView(bytes.buffer, bytes.byteOffset)
    // Arrow's writer in JavaScript writes the compressed length of a buffer instead of the plain one.
    const starts = lengths.map(({ plainBytes, storedBytes }) => {
      const start = Buffer.from(bytes).indexOf(
        Buffer.from(BigInt64Array.of(BigInt(storedBytes), 0xfd2f_b528n).buffer, 0, 12),
      )
      view.setBigInt64(start, BigInt(plainBytes), true)
      return start
    })
    const [at = 0] = starts
    const plainBytes = lengths[0]?.plainBytes ?? 0
    const rows = texts.map((text) => JSON.stringify({ text }))
    expect(await read(bytes)).toEqual(rows)
    const called: string[] = []
    const loadedLate: ArrowCodecs = {
      load: async () => void called.push('load'),
      zstd: (stored, maxBytes) => {
        called.push('zstd')
        return codecs.zstd(stored, maxBytes)
      },
    }
    expect(await read(RecordBatchStreamWriter.writeAll(table).toUint8Array(true), 99, loadedLate)).toEqual(rows)
    expect(called).toEqual([])
    expect(await read(bytes, bytes.length, loadedLate)).toEqual(rows)
    expect(called.slice(0, 2)).toEqual(['load', 'zstd'])
    for (const [claimed, code] of [
      [plainBytes + 1, 'file-damaged'],
      [plainBytes - 1, 'file-damaged'],
      [2 ** 40, 'too-large'],
      [-2, 'file-damaged'],
    ] as const) {
      const lying = bytes.slice()
      new DataView(lying.buffer).setBigInt64(at, BigInt(claimed), true)
      expect((await failure(read(lying))).code).toBe(code)
    }
  })

  test('with any bytes changed gives rows or an expected error, and never hangs', async () => {
    const change = fc.record({ at: fc.nat(stream.length - 1), byte: fc.nat(255) })
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 3 }), async (changes) => {
        const bytes = stream.slice()
        for (const { at, byte } of changes) bytes[at] = byte
        const outcome = await read(bytes).then(
          () => 'rows',
          (error: unknown) => (error instanceof AppError ? 'refused' : error),
        )
        expect(['rows', 'refused']).toContain(outcome)
      }),
      propertyRuns(3000),
    )
  }, 60_000)
})
