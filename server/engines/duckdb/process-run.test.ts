import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it, vi } from 'vitest'
import type { QueryRequest } from '@/lib/query/engine'
import type { FromQueryProcess, QueryLimits, ToQueryProcess } from './process/messages'
import { runInProcess } from './process-run'
import { resultFile } from './result-file'
import type { QueryProcessEvents } from './start-query-process'

const REQUEST: QueryRequest = {
  sql: 'select 1',
  cursor: 0,
  connection: 'local',
  connections: ['local'],
  maxRows: 10,
}
const LIMITS: QueryLimits = { threads: 1, memoryMiB: 512, tempMiB: 64, loadMiB: 64, resultBytes: 1_000_000 }
const SECONDS = 60
const MIB = 1024 * 1024
const PROGRESS: FromQueryProcess = {
  kind: 'progress',
  progress: { step: 'running', readBytes: 0, totalBytes: 0, rowCount: 0 },
}

/** A process that the test plays. */
function startRun({ seconds = SECONDS, saveTo }: { seconds?: number; saveTo?: string } = {}) {
  const posted: ToQueryProcess[] = []
  const started = Promise.withResolvers<{ tempDir: string; events: QueryProcessEvents }>()
  const stop = new AbortController()
  const send = async (message: FromQueryProcess) => (await started.promise).events.onMessage(message)
  const end = async (ending: Parameters<QueryProcessEvents['onEnd']>[0]) => (await started.promise).events.onEnd(ending)
  const kill = vi.fn(() => void end({ code: null, killedBy: 'SIGKILL', stderr: '' }))
  const fetchApi = vi.fn(async () => new Response('x'.repeat(3 * MIB), { headers: { 'x-kind': 'bytes' } }))
  const events = runInProcess(
    { request: REQUEST, limits: LIMITS },
    {
      seconds,
      startProcess: (tempDir, processEvents) => {
        started.resolve({ tempDir, events: processEvents })
        return { pid: null, post: (message) => void posted.push(message), kill }
      },
      read: fetchApi,
      signal: stop.signal,
      ...(saveTo !== undefined && { saveTo }),
    },
  )
  const next = () => events.next()
  const first = next()
  return { first, next, send, end, posted, started: started.promise, stop, kill, fetchApi }
}

it('A process that reports more memory than it may take is ended', async () => {
  const { first, next, send, kill } = startRun()
  await send({ kind: 'memory', residentBytes: 512 * MIB })
  await send(PROGRESS)
  expect((await first).value).toEqual(PROGRESS)
  expect(kill).not.toHaveBeenCalled()
  const second = next()
  await send({ kind: 'memory', residentBytes: 2049 * MIB })
  await expect(second).rejects.toMatchObject({ code: 'too-large', message: expect.stringContaining('2.00 GiB') })
  expect(kill).toHaveBeenCalledOnce()
})

it('A process that takes too long is ended', async () => {
  const { first, kill } = startRun({ seconds: 0.05 })
  await expect(first).rejects.toMatchObject({ code: 'too-large', facts: { seconds: 0.05 } })
  expect(kill).toHaveBeenCalledOnce()
})

it('The process of a cancelled query is ended, and its folder removed', async () => {
  const { first, stop, started, kill } = startRun()
  const { tempDir } = await started
  stop.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
  expect(kill).toHaveBeenCalledOnce()
  expect(existsSync(tempDir)).toBe(false)
})

it.each([
  [{ code: null, killedBy: 'SIGKILL', stderr: '' }, 'too-large', 'killed'],
  [{ code: 134, killedBy: null, stderr: 'FATAL ERROR: JavaScript heap out of memory' }, 'too-large', 'more memory'],
  [{ code: 139, killedBy: null, stderr: '' }, 'query-failed', 'crashed'],
])('The problem says why the process ended by itself: %j', async (ending, code, text) => {
  const { first, end } = startRun()
  await end(ending)
  await expect(first).rejects.toMatchObject({ code, message: expect.stringContaining(text) })
})

it('Rows that were not asked for end the query', async () => {
  const { first, next, send, posted } = startRun()
  const rows: FromQueryProcess = { kind: 'rows', rowCount: 1, arrow: new Uint8Array(1) }
  await send(rows)
  expect((await first).value).toEqual(rows)
  const second = next()
  expect(posted.filter(({ kind }) => kind === 'taken')).toHaveLength(1)
  await send(rows)
  expect((await second).value).toEqual(rows)
  const third = next()
  await send(rows)
  await third
  await send(rows)
  await expect(next()).rejects.toThrow('before it was asked to')
})

it('The process receives a response in pieces, as it pulls them', async () => {
  const { send, posted, fetchApi, first, stop } = startRun()
  await send({ kind: 'fetch', id: 7, request: { method: 'GET', url: '/api/v1/x', headers: [], body: null } })
  await vi.waitUntil(() => posted.some(({ kind }) => kind === 'response'), 50_000)
  expect(fetchApi).toHaveBeenCalledOnce()
  let byteCount = 0
  for (;;) {
    const before = posted.length
    await send({ kind: 'pull', id: 7 })
    await vi.waitUntil(() => posted.length > before, 50_000)
    const piece = posted.at(-1)
    if (piece?.kind !== 'bytes') throw new Error(`the process received ${piece?.kind}`)
    if (piece.bytes === null) break
    expect(piece.bytes.length).toBeLessThanOrEqual(MIB)
    byteCount += piece.bytes.length
  }
  expect(byteCount).toBe(3 * MIB)
  stop.abort()
  await expect(first).rejects.toMatchObject({ code: 'cancelled' })
})

describe('A saved result', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-saved-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const saveTo = path.join(folder, 'result.parquet')
  const done = { kind: 'done', summary: {} } as FromQueryProcess

  it('is moved when the process has ended, and the folder of the process is removed', async () => {
    const { first, next, send, started, posted, kill } = startRun({ saveTo })
    const { tempDir } = await started
    expect(posted).toMatchObject([{ kind: 'start', job: { savesResult: true } }])
    writeFileSync(resultFile(tempDir), 'rows')
    kill.mockImplementationOnce(() => {
      expect(existsSync(saveTo)).toBe(false)
      void started.then(({ events }) => events.onEnd({ code: null, killedBy: 'SIGKILL', stderr: '' }))
    })
    await send(done)
    expect((await first).value).toEqual(done)
    expect(readFileSync(saveTo, 'utf8')).toBe('rows')
    expect((await next()).done).toBe(true)
    expect(existsSync(tempDir)).toBe(false)
    rmSync(saveTo)
  })

  it('ends the query while it grows beyond its limit', async () => {
    const { first, started, kill } = startRun({ saveTo })
    writeFileSync(resultFile((await started).tempDir), new Uint8Array(LIMITS.resultBytes + 1))
    await expect(first).rejects.toMatchObject({ code: 'too-large', facts: { maxBytes: LIMITS.resultBytes } })
    expect(kill).toHaveBeenCalledOnce()
    expect(existsSync(saveTo)).toBe(false)
  })

  it('is not a link to another file', async () => {
    const { first, send, started } = startRun({ saveTo })
    symlinkSync('/etc/hostname', resultFile((await started).tempDir))
    await send(done)
    await expect(first).rejects.toThrow('not a file')
    expect(existsSync(saveTo)).toBe(false)
  })
})
