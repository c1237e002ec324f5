import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { encodeText } from '@/lib/ingest/text-encoding'
import { unpackInput } from '@/server/ingest/input/unpack-input'
import { column, createTestStaging, queryDuckdb } from '@/testing/ingest/test-staging'

const { stage, rejects, rows, preview, file } = createTestStaging()

const TWO = [column(1, 'a', 'int'), column(2, 'b', 'string')]
const MIB = 1024 * 1024

describe('A hostile input', () => {
  it('with a cell of 200 MB is refused with its line', async () => {
    const cell = Buffer.alloc(200_000_000, 'x')
    const started = process.memoryUsage.rss()
    const csv = Buffer.concat([Buffer.from('a;b\n1;y\n2;"'), cell, Buffer.from('"\n')])
    const options = { csv: { delimiter: ';' } }
    await expect(stage('csv', csv, TWO, options)).rejects.toMatchObject({ code: 'too-large', facts: { line: 3 } })
    await expect(preview('csv', csv, TWO, options)).rejects.toMatchObject({ code: 'too-large', facts: { line: 3 } })
    const json = Buffer.concat([Buffer.from('[{"a":1},\n{"b":"'), cell, Buffer.from('"}]')])
    await expect(stage('json', json, TWO)).rejects.toMatchObject({ code: 'too-large', facts: { line: 2 } })
    await expect(stage('ndjson', json, TWO)).rejects.toMatchObject({ code: 'too-large', facts: { line: 2 } })
    const utf16 = Buffer.concat([encodeText('a;b\n1;y\n2;"', 'utf-16le'), Buffer.alloc(100_000_000, 'x\0')])
    await expect(stage('csv', utf16, TWO, { csv: { delimiter: ';', encoding: 'utf-16le' } })).rejects.toMatchObject({
      code: 'too-large',
      facts: { line: 3 },
    })
    // The inputs themselves are in this process.
    expect(process.memoryUsage.rss() - started).toBeLessThan(1_200 * MIB)
  }, 60_000)

  it('of Parquet with a cell of 200 MB is refused with its row', async () => {
    const path = file('large.parquet')
    await queryDuckdb(
      `COPY (SELECT i::INTEGER AS a, CASE WHEN i = 2500 THEN repeat('x', 200000000) ELSE 'y' END AS b FROM range(5000) t(i))
       TO '${path}' (FORMAT parquet, ROW_GROUP_SIZE 2048, CODEC 'zstd')`,
    )
    await expect(stage('parquet', readFileSync(path), TWO)).rejects.toMatchObject({
      code: 'too-large',
      message: expect.stringContaining('Column b of the file has a page of more than 64.0 MiB, from row 2,049 on.'),
      facts: { column: 'b' },
    })
  }, 60_000)

  it('with a record of almost 16 MiB is read', async () => {
    const cell = 'x'.repeat(16 * MIB - 100)
    const staged = await stage('csv', `a;b\n1;"${cell}"\n`, TWO, { csv: { delimiter: ';' } })
    expect(await rows(staged, 'a, length(b)')).toEqual([[1, String(cell.length)]])
  }, 60_000)

  it.each([300_000, 1_000_000])(
    'with many records of %i bytes is read, which DuckDB refuses in parallel',
    async (size) => {
      for (const delimiter of [',', ';']) {
        const records = `1${delimiter}${'y'.repeat(size)}\n`.repeat(70)
        const staged = await stage('csv', `a${delimiter}b\n${records}`, TWO)
        expect(await rows(staged, 'count(*), min(length(b))')).toEqual([['70', String(size)]])
      }
    },
    60_000,
  )

  it('that is not UTF-8 in its middle loses only that row', async () => {
    const input = Buffer.concat([Buffer.from('a;b\n1;x\n2;'), Buffer.from([0xff, 0xfe]), Buffer.from('\n3;z\n')])
    const staged = await stage('csv', input, TWO, { csv: { delimiter: ';' }, maxRejectedRows: 1 })
    expect(await rows(staged)).toEqual([
      [1, 'x'],
      [3, 'z'],
    ])
    expect(rejects()).toMatchObject([{ line: 3, column: null, reason: 'is not UTF-8' }])
    const json = Buffer.concat([Buffer.from('[{"a":1},{"b":"'), Buffer.from([0xff]), Buffer.from('"},{"a":3}]')])
    expect(await rows(await stage('json', json, TWO, { maxRejectedRows: 1 }), 'a')).toEqual([[1], [3]])
  })

  it.each(['utf-16le', 'utf-16be'] as const)('that is not %s stops with its line', async (encoding) => {
    const csv = { encoding, delimiter: ';' }
    const half = [encodeText('a;b\n1;x\n2;', encoding), encodeText('\ud800', encoding), encodeText('\n3;y\n', encoding)]
    const failure = { code: 'file-damaged', facts: { line: 3 } }
    await expect(stage('csv', Buffer.concat(half), TWO, { csv })).rejects.toMatchObject(failure)
    const odd = encodeText('a;b\n1;x\n2;y', encoding).subarray(0, -1)
    await expect(stage('csv', odd, TWO, { csv })).rejects.toMatchObject(failure)
    // A missing byte shifts all that follow.
    const text = encodeText('a;b\n1;x\n2;yyy\n', encoding)
    const shifted = Buffer.concat([text.subarray(0, 10), text.subarray(11)])
    await expect(stage('csv', shifted, TWO, { csv })).rejects.toMatchObject({ code: 'file-damaged' })
  })

  // DuckDB loses such a row when one of its buffers of 4 MiB ends within it.
  it.each([
    ['csv', 'a,b,c\n', `1,${'x'.repeat(500)},\n`, `2,${'x'.repeat(3_000)}`],
    ['ndjson', '', `{"a":1,"b":"${'x'.repeat(500)}","c":"y"}\n`, `{"a":2,"b":"${'x'.repeat(3_000)}`],
  ] as const)('of %s whose last row is cut off rejects that row, wherever it is', async (format, header, row, last) => {
    const columns = [...TWO, column(3, 'c', 'string')]
    for (const bytes of [4 * MIB - 1_000, 4 * MIB + 1_000, 8 * MIB - 1_000]) {
      const rowCount = Math.floor((bytes - header.length) / row.length)
      const staged = await stage(format, header + row.repeat(rowCount) + last, columns, { maxRejectedRows: 1 })
      expect(staged).toMatchObject({ rowsRead: rowCount + 1, rowsRejected: 1 })
    }
  })

  it('with a quote that is never closed is rejected or refused', async () => {
    const csv = { delimiter: ';' }
    const small = `a;b\n1;x\n2;"y\n${'3;z\n'.repeat(1000)}`
    const staged = await stage('csv', small, TWO, { csv, maxRejectedRows: 1 })
    expect(staged).toMatchObject({ rowsRead: 2, rowsRejected: 1, savedRecords: { recordCount: 1 } })
    expect(rejects()).toMatchObject([{ line: 3, column: null, reason: 'has a quote that is not closed' }])
    const large = `a;b\n1;x\n2;"y\n${'3;z\n'.repeat(5_000_000)}`
    await expect(stage('csv', large, TWO, { csv })).rejects.toMatchObject({ code: 'too-large', facts: { line: 3 } })
  }, 60_000)

  it('with a header of 20,000 names is refused at once', async () => {
    const names = Array.from({ length: 20_000 }, (_, i) => `n${i}`).join(',')
    const started = performance.now()
    await expect(stage('csv', `${names}\n`, TWO, { ignoreExtra: true })).rejects.toMatchObject({ code: 'too-large' })
    const most = Array.from({ length: 10_000 }, (_, i) => `n${i}`)
    await expect(stage('csv', `${most.join(',')}\n`, TWO)).rejects.toThrow(/"n19" and 9980 more/)
    await expect(stage('csv', `${[...most.slice(1), 'n1'].join(',')}\n`, TWO)).rejects.toThrow(/twice: "n1"/)
    const map = { type: 'map', keyId: 8, key: 'string', valueId: 9, value: 'string', valueRequired: false } as const
    const rest = { columns: { a: { rest: true } }, ignoredFields: [] } as const
    const staged = await stage('csv', `${most.join(',')}\n${most.join(',')}\n`, [column(1, 'a', map)], {
      mapping: rest,
    })
    expect(await rows(staged, 'cardinality(a)')).toEqual([['10000']])
    expect(performance.now() - started).toBeLessThan(20_000)
  }, 60_000)

  it('with objects of many keys is previewed with as many fields as a preview has', async () => {
    const keys = (from: number) => Array.from({ length: 6_000 }, (_, i) => `"k${from + i}":${i}`).join(',')
    const shown = await preview('ndjson', `{${keys(0)}}\n{${keys(6000)}}`, TWO)
    expect(shown.fields).toHaveLength(10_000)
    expect(shown.unmappedFields).toHaveLength(10_000)
  })

  it('whose expression needs too much memory fails alone', async () => {
    const mapping = { columns: { b: { sql: "repeat('x', 10000000000)" } }, ignoredFields: ['b'] }
    await expect(stage('csv', 'a,b\n1,x\n', TWO, { mapping })).rejects.toMatchObject({
      code: expect.stringMatching(/too-large|rows-rejected/),
    })
  }, 60_000)

  it('with nothing but rejected rows lists and saves as many as it may', async () => {
    const input = `a,b\n${'x,y\n'.repeat(300_000)}`
    const staged = await stage('csv', input, TWO, { maxRejectedRows: 1_000_000 })
    expect(staged).toMatchObject({ rowsRead: 300_000, rowsRejected: 300_000, savedRecords: { recordCount: 300_000 } })
    expect(rejects()).toHaveLength(10_000)
    const wide = `a,b\n${`x,${'y'.repeat(1_000_000)}\n`.repeat(70)}`
    const saved = await stage('csv', wide, TWO, { maxRejectedRows: 1_000_000 })
    expect(saved).toMatchObject({ rowsRejected: 70, savedRecords: { recordCount: 67 } })
  }, 60_000)
})

describe('A compression bomb', () => {
  const unpack = (
    bytes: Uint8Array,
    limits: { diskReserveBytes?: number; maxFactor?: number; minLimitBytes?: number },
  ) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-bomb-'))
    const file = path.join(folder, 'bomb')
    writeFileSync(file, bytes)
    const input = {
      path: file,
      name: 'bomb',
      format: 'csv',
      ignoreExtra: false,
      csv: CSV_DEFAULTS,
      mapping: BY_NAME,
      loadedAtMs: 0,
    } as const
    const request = {
      input,
      schema: { schemaId: 0, identifierFieldIds: [], fields: TWO },
      rules: [],
      stagingDir: folder,
      limits: { memoryMiB: 64, threads: 1, tempMiB: 64 },
    }
    const all = { diskReserveBytes: 0, maxFactor: 1000, minLimitBytes: 0, ...limits }
    return unpackInput(request, { onProgress: () => {}, limits: all }).finally(() =>
      rmSync(folder, { recursive: true }),
    )
  }
  const zeros = Buffer.alloc(64 * MIB)

  it.each([
    ['gzip', gzipSync(zeros)],
    ['zstd', zstdCompressSync(zeros, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })],
  ])('of %s is refused when it grows beyond its factor', async (_name, bomb) => {
    await expect(unpack(bomb, { maxFactor: 100 })).rejects.toMatchObject({ code: 'too-large' })
    await expect(unpack(bomb, { maxFactor: 100, minLimitBytes: 65 * MIB })).resolves.toBeDefined()
    const damaged = Buffer.from(bomb)
    // In the checksum: gzip has the length behind it.
    damaged[damaged.length - (damaged[0] === 0x1f ? 5 : 1)]! ^= 1
    await expect(unpack(damaged, { minLimitBytes: 65 * MIB })).rejects.toMatchObject({
      message: expect.stringContaining('its checksum does not fit its contents.') as string,
      facts: { hint: expect.stringContaining('Send the file again') as string },
    })
  })

  it('is refused when the disk has no room for it', async () => {
    const reserve = { diskReserveBytes: Number.MAX_SAFE_INTEGER, minLimitBytes: 65 * MIB }
    await expect(unpack(gzipSync(zeros), reserve)).rejects.toMatchObject({ code: 'storage-full' })
  })
})
