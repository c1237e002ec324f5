import { PassThrough, Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { listRuns } from '@/server/db/jobs/runs'
import { listUploads } from '@/server/db/uploads/uploads'
import { MACHINE_CLOCK, setClock } from '@/server/timing/clock'
import { PART_BYTES } from '@/server/uploads/upload-folder'
import { useShortPauses } from '@/testing/clock'
import { createTestHome } from '@/testing/homes/test-home'
import { LandingTable } from '@/testing/ingest/landing-table'
import { STAGE_HERE } from '@/testing/ingest/stage-here'
import { column } from '@/testing/ingest/test-staging'
import { runLakeshore } from './lakeshore'
import { tableName } from './table-name'

const home = createTestHome({}, STAGE_HERE)
const FIELDS = [column(1, 'id', 'long'), column(2, 'source', 'string')]

// The command polls for the end of its run.
beforeEach(() => useShortPauses())

async function ingest(table: string, pipe: Readable | null, args: readonly string[], stop = new AbortController()) {
  const said: string[] = []
  const out: string[] = []
  const code = await runLakeshore(
    ['ingest', table, ...args],
    {
      print: (line) => out.push(line),
      printMessage: (line) => said.push(line),
      prompt: async () => null,
      pipe,
      signal: stop.signal,
    },
    () => home.services,
  )
  return { code, said: said.join('\n'), out: out.join('\n') }
}

const createTable = async () => {
  const table = await LandingTable.create(home.services, { fields: FIELDS })
  return { table, name: tableName(table.identifier) }
}
const openUploads = () => listUploads(home.database, COMMAND_LINE.userId)

describe('A load from a pipe', () => {
  it('has all rows of bytes that come in any pieces, and leaves no upload', async () => {
    const { table, name } = await createTable()
    // More than one part of an upload.
    const rows = Array.from({ length: 20_000 }, (_, i) => `${9007199254740993n + BigInt(i)},${'x'.repeat(500)}`)
    const bytes = Buffer.from(`id,source\n${rows.join('\n')}\n`)
    expect(bytes.byteLength).toBeGreaterThan(PART_BYTES)
    const pieces = Array.from({ length: 7 }, (_, i) =>
      bytes.subarray((i * bytes.byteLength) / 7, ((i + 1) * bytes.byteLength) / 7),
    )
    const loaded = await ingest(name, Readable.from(pieces, { objectMode: false }), ['--file', '-', '--format', 'csv'])
    expect(loaded).toMatchObject({ code: 0 })
    const ids = (await table.rows()).map(([id]) => String(id))
    expect(ids).toHaveLength(rows.length)
    expect(new Set(ids)).toEqual(new Set(rows.map((row) => row.split(',')[0])))
    expect(await openUploads()).toEqual([])
  })

  it('may be compressed, stand next to files, and be read twice', async () => {
    const { table, name } = await createTable()
    const bytes = gzipSync('id\tother\n5\ta,b\n')
    const args = ['-', '--format', 'tsv', '--map', 'source=other']
    expect(await ingest(name, Readable.from([bytes]), [...args, '--preview'])).toMatchObject({ code: 0 })
    expect(await openUploads()).toEqual([])
    expect(await table.rows()).toEqual([])
    expect(await ingest(name, Readable.from([bytes]), args)).toMatchObject({ code: 0 })
    expect((await table.rows()).map((row) => row.slice(0, 2).map(String))).toEqual([['5', 'a,b']])
  })

  it('is refused before it is read without a format, for a proposal, twice, and from a terminal', async () => {
    const { name } = await createTable()
    const read = async (args: readonly string[]) => {
      const pipe = Readable.from(['id\n1\n'])
      const refused = await ingest(name, pipe, args)
      expect(pipe.readableDidRead).toBe(false)
      return refused
    }
    expect(await read(['-'])).toMatchObject({ code: 2, said: expect.stringContaining('give --format') })
    expect(await read(['-', '-', '--format', 'csv'])).toMatchObject({ code: 2 })
    expect(await read(['-', '--format', 'csv', '--propose', 'Rows'])).toMatchObject({ code: 2 })
    const typed = await ingest(name, null, ['-', '--format', 'csv'])
    expect(typed).toMatchObject({ code: 2, said: expect.stringContaining('which is a terminal') })
  })

  it('that is cancelled while it comes stores nothing', async () => {
    const { name } = await createTable()
    const runs = (await listRuns(home.database, { limit: 100 })).length
    const stop = new AbortController()
    const endless = Readable.from(
      (async function* () {
        yield Buffer.from('id\n')
        for (;;) {
          yield Buffer.alloc(PART_BYTES, '1\n')
          stop.abort()
          await new Promise((resolve) => setTimeout(resolve, 1))
        }
      })(),
      { objectMode: false },
    )
    expect(await ingest(name, endless, ['-', '--format', 'csv'], stop)).toMatchObject({ code: 130 })
    expect(await openUploads()).toEqual([])
    expect(await listRuns(home.database, { limit: 100 })).toHaveLength(runs)
  })

  it('is committed again and again on request, until a part cannot be loaded', async () => {
    const { table, name } = await createTable()
    const untilLanded = (count: number) => vi.waitUntil(async () => (await table.rows()).length === count, 20_000)
    const pipe = Readable.from(
      (async function* () {
        yield Buffer.from('id,source\n1,"a\nb"\n2,')
        await untilLanded(1)
        yield Buffer.from('c\n')
        await untilLanded(2)
        yield Buffer.from('none,d\n')
      })(),
      { objectMode: false },
    )
    const loaded = await ingest(name, pipe, ['-', '--format', 'csv', '--commit-every', '1s'])
    expect((await table.rows()).map((row) => row.slice(0, 2).map(String))).toEqual([
      ['1', 'a\nb'],
      ['2', 'c'],
    ])
    expect(loaded.out.split('\n').map((line) => JSON.parse(line).rowsCommitted)).toEqual([1, 1])
    expect(loaded).toMatchObject({ code: 1, said: expect.stringContaining('2 loads of the pipe committed before.') })
    expect(await openUploads(), 'can be tried again').toHaveLength(1)
  })

  it.each(['csv', 'tsv', 'ndjson'])('of %s is not divided when it is compressed', async (format) => {
    const { name } = await createTable()
    const bytes = gzipSync('id\tsource\n1\ta\n')
    const pipe = Readable.from([bytes.subarray(0, 1), bytes.subarray(1)], { objectMode: false })
    expect(await ingest(name, pipe, ['-', '--format', format, '--commit-every', '5m'])).toMatchObject({
      code: 1,
      said: expect.stringContaining('decompress them before the pipe'),
    })
  })

  it('is closed once a part cannot be loaded, though the other program goes on', async () => {
    const { name } = await createTable()
    const pipe = new PassThrough()
    pipe.write('id,source\nnone,a\n')
    expect(await ingest(name, pipe, ['-', '--format', 'csv', '--commit-every', '1s'])).toMatchObject({ code: 1 })
    expect(pipe.destroyed).toBe(true)
  })

  it('has one delimiter in all parts, the one of its header', async () => {
    const { table, name } = await createTable()
    const untilLanded = (count: number) => vi.waitUntil(async () => (await table.rows()).length === count, 20_000)
    const pipe = Readable.from(
      (async function* () {
        yield Buffer.from('id;sou')
        yield Buffer.from('rce\n1;"a,b\n;c"\n')
        await untilLanded(1)
        yield Buffer.from('2;d,e,f\n')
      })(),
      { objectMode: false },
    )
    const args = ['-', '--format', 'csv', '--commit-every', '1s']
    expect(await ingest(name, pipe, args)).toMatchObject({ code: 0 })
    expect((await table.rows()).map((row) => row.slice(0, 2).map(String))).toEqual([
      ['1', 'a,b\n;c'],
      ['2', 'd,e,f'],
    ])
  })

  it('without a header has the fields of its first record in all parts', async () => {
    const { table, name } = await createTable()
    const untilLanded = (count: number) => vi.waitUntil(async () => (await table.rows()).length === count, 20_000)
    const pipe = Readable.from(
      (async function* () {
        yield Buffer.from('1,a\n')
        await untilLanded(1)
        yield Buffer.from('2,b,c\n3,d\n4,e\n')
      })(),
      { objectMode: false },
    )
    const mapping = ['--map', 'id=column1', '--map', 'source=column2', '--ignore-extra', '--allow-rejects']
    const args = ['-', '--format', 'csv', '--no-header', ...mapping, '--commit-every', '1s']
    expect(await ingest(name, pipe, args)).toMatchObject({ code: 0 })
    expect((await table.rows()).map(([id]) => Number(id))).toEqual([1, 3, 4])
  })

  it('of JSON may lack keys in a later part, but not a field of the mapping in its first', async () => {
    const { table, name } = await createTable()
    const untilLanded = (count: number) => vi.waitUntil(async () => (await table.rows()).length === count, 20_000)
    const pipe = Readable.from(
      (async function* () {
        yield Buffer.from('{"id":1,"from":"a","note":1}\n')
        await untilLanded(1)
        yield Buffer.from('{"id":2}\n')
      })(),
      { objectMode: false },
    )
    const args = ['-', '--format', 'ndjson', '--map', 'source=from', '--ignore', 'note', '--commit-every', '1s']
    expect(await ingest(name, pipe, args)).toMatchObject({ code: 0 })
    expect((await table.rows()).map((row) => row.slice(0, 2))).toEqual([
      ['1', 'a'],
      ['2', null],
    ])
    expect(await ingest(name, Readable.from([Buffer.from('{"id":3}\n')]), args)).toMatchObject({
      code: 1,
      said: expect.stringContaining('"from", "note"'),
    })
  })

  it('takes five minutes into a snapshot, unless all rows shall be in one', async () => {
    const { table, name } = await createTable()
    const fiveMinutes = Promise.withResolvers<void>()
    setClock({
      ...MACHINE_CLOCK,
      pause: (_delayMs, signal) => MACHINE_CLOCK.pause(5, signal),
      after(delayMs, callback) {
        if (delayMs === 5 * 60_000) void fiveMinutes.promise.then(callback)
        return MACHINE_CLOCK.after(delayMs, callback)
      },
    })
    onTestFinished(() => setClock(null))
    const slowPipe = () => {
      const pipe = new PassThrough()
      pipe.write('id,source\n1,a\n')
      return pipe
    }
    const [divided, whole] = [slowPipe(), slowPipe()]
    const loads = [
      ingest(name, divided, ['-', '--format', 'csv']),
      ingest(name, whole, ['-', '--format', 'csv', '--commit-every', 'end']),
    ]
    fiveMinutes.resolve()
    await vi.waitUntil(async () => (await table.rows()).length === 1, 20_000)
    for (const pipe of [divided, whole]) pipe.end('2,b\n')
    const [parts, one] = await Promise.all(loads)
    expect(parts?.out.split('\n').map((line) => JSON.parse(line).rowsCommitted)).toEqual([1, 1])
    expect(parts?.said).toContain('give --commit-every end')
    expect(one?.out.split('\n').map((line) => JSON.parse(line).rowsCommitted)).toEqual([2])
  })

  it('without rows is loaded like such a file, and is nothing to commit by time', async () => {
    const { name } = await createTable()
    const load = (text: string, args: readonly string[] = []) =>
      ingest(name, Readable.from([Buffer.from(text)]), ['-', '--format', 'csv', ...args])
    expect(await load('')).toMatchObject({ code: 1, said: expect.stringContaining('has no header') })
    expect(await load('', ['--commit-every', '5m'])).toMatchObject({
      code: 0,
      said: 'Nothing came through the pipe, so nothing was loaded.',
    })
    const empty = await load('id,source\n')
    expect(empty.code).toBe(0)
    expect(JSON.parse(empty.out)).toMatchObject({ rowsCommitted: 0 })
  })

  it.each([
    [['--commit-every', '0s'], 'up to 24h'],
    [['--commit-every', '25h'], 'up to 24h'],
    [['--commit-every', '5m', '--preview'], 'does not go with --preview'],
    [['--commit-every', '5m', '--operation', 'replace-table'], 'does not go with --operation replace-table'],
    [['--commit-every', '5m', '--encoding', 'utf-16le'], 'reads UTF-8'],
  ])('is not committed by time with %j', async (args, reason) => {
    const { name } = await createTable()
    const refused = await ingest(name, Readable.from(['id\n1\n']), ['-', '--format', 'csv', ...args])
    expect(refused).toMatchObject({ code: 2, said: expect.stringContaining(reason) })
  })
})
