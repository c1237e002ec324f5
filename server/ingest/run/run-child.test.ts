import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'
import { BY_NAME } from '@/lib/ingest/load-mapping'
import { createRunPreview, createRunStage } from './run-child'
import { NO_PROGRESS, type StageProgress, type StageRequest } from '../stage-request'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'

let folder: string
let children = 0
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-child-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

/** A process may end late on a busy machine. */
const WAIT = { timeout: 60_000 }

const request: StageRequest = {
  input: {
    path: '/x.csv',
    name: 'x.csv',
    pathValues: new Map(),
    format: 'csv',
    ignoreExtra: false,
    csv: CSV_DEFAULTS,
    mapping: BY_NAME,
    loadedAtMs: 0,
  },
  schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
  rules: [],
  keyFiles: { folder: '/keys', earlierNames: [] },
  spec: { specId: 0, fields: [] },
  sortOrder: null,
  stagingDir: '/staging',
  rejects: { file: '/rejects', location: 'file:///rejects', recordsFile: '/records' },
  maxRejectedRows: 0,
  fileStem: 't',
  write: parseWriteSettings({}, { fields: [] }, vi.fn()),
  limits: { memoryMiB: 1, threads: 1, tempMiB: 1 },
}

/** Runs a child whose program is the given text. */
function run(program: string, options: Partial<Parameters<ReturnType<typeof createRunStage>>[1]> = {}) {
  children += 1
  const entry = path.join(folder, `child-${children}.mjs`)
  writeFileSync(
    entry,
    `process.on('disconnect', () => process.exit())\nprocess.once('message', (request) => { ${program} })`,
  )
  return createRunStage(entry, { idleMs: 100 })(request, {
    userId: 'ada',
    signal: new AbortController().signal,
    onProgress: () => {},
    ...options,
  })
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe('The process that stages', () => {
  it('receives the request and returns its result, with exact 64-bit values and bytes', async () => {
    const seen: StageProgress[] = []
    const progress = { phase: 'reading', ...NO_PROGRESS, bytesRead: 1, rowsRead: 2, rowsRejected: 1 }
    const result = await run(
      `process.send({ kind: 'progress', progress: ${JSON.stringify(progress)} })
       const files = [{ fileName: request.input.path, partition: [2n ** 62n, null, new Uint8Array([1, 255])] }]
       process.send({ kind: 'done', result: { files, rowsRead: 1, rowsRejected: 0 } }, () => process.disconnect())`,
      { onProgress: (reported) => seen.push(reported) },
    )
    expect(result.files[0]).toMatchObject({ fileName: '/x.csv', partition: [2n ** 62n, null, Uint8Array.of(1, 255)] })
    expect(seen).toEqual([progress])
  })

  it('previews with the same messages', async () => {
    const entry = path.join(folder, 'preview.mjs')
    writeFileSync(
      entry,
      `process.on('disconnect', () => process.exit())
       process.on('message', ({ preview, maxRows }) => {
         if (preview.input.name !== 'x.csv') return process.send({ kind: 'failed', code: 'file-damaged', detail: 'No.', facts: {}, stack: '' })
         process.send({ kind: 'previewed', preview: { rowsRead: maxRows, rows: [{ line: 1, values: [String(process.pid)] }] } })
         process.send({ kind: 'ready', residentBytes: 0 })
       })`,
    )
    const preview = createRunPreview(entry, { idleMs: 10_000 })
    const options = { maxRows: 7, userId: 'ada', signal: new AbortController().signal }
    const first = await preview({ ...request, isTruncated: true }, options)
    expect(first.rowsRead).toBe(7)
    expect(await preview({ ...request, isTruncated: false }, options)).toEqual(first)
    const refused = { ...request, input: { ...request.input, name: 'y.csv' }, isTruncated: false }
    await expect(preview(refused, options)).rejects.toMatchObject({ code: 'file-damaged', message: 'No.' })
  })

  it('does not inherit the settings of the worker', async () => {
    vi.stubEnv('LAKESHORE_SECRET', 'x'.repeat(40))
    const result = await run(
      `process.send({ kind: 'done', result: { files: Object.keys(process.env), rowsRead: 0, rowsRejected: 0 } }, () => process.disconnect())`,
    )
    vi.unstubAllEnvs()
    expect(JSON.stringify(result.files)).not.toContain('LAKESHORE')
  })

  it('fails with its problem, or with its bug', async () => {
    const failed = (code: string) =>
      run(
        `process.send({ kind: 'failed', code: ${code}, detail: 'Why.', facts: { rows: 1 }, stack: 'at its place' }, () => process.disconnect())`,
      )
    await expect(failed("'rows-rejected'")).rejects.toMatchObject({
      code: 'rows-rejected',
      message: 'Why.',
      facts: { rows: 1 },
    })
    await expect(failed('null')).rejects.toMatchObject({ message: 'Why.', stack: 'at its place' })
  })

  it('reports a crash or a kill as a problem of the input', async () => {
    const broken = run(`console.error('its last words'); process.exit(3)`)
    await expect(broken).rejects.toMatchObject({
      code: 'file-damaged',
      cause: expect.objectContaining({ message: expect.stringContaining('its last words') }),
    })
    await expect(run(`process.kill(process.pid, 'SIGKILL')`)).rejects.toMatchObject({ code: 'too-large' })
  })

  it('is killed after its result, even if it would never exit by itself', async () => {
    const result = await run(
      `process.send({ kind: 'done', result: { files: [], rowsRead: process.pid, rowsRejected: 0 } }, () => { for (;;); })`,
    )
    await vi.waitUntil(() => !isAlive(result.rowsRead), WAIT)
    expect(result.rowsRejected).toBe(0)
  })

  it('is killed when the run has to end, whatever it is doing', async () => {
    const stop = new AbortController()
    const pid = Promise.withResolvers<number>()
    const staged = run(
      `process.send({ kind: 'progress', progress: { phase: 'reading', bytesRead: process.pid, rowsRead: 0, filesWritten: 0 } }, () => { for (;;); })`,
      { signal: stop.signal, onProgress: ({ bytesRead }) => pid.resolve(bytesRead) },
    )
    const child = await pid.promise
    stop.abort(new Error('enough'))
    await expect(staged).rejects.toThrow('enough')
    expect(() => process.kill(child, 0)).toThrow('ESRCH')
    expect(() => run('', { signal: AbortSignal.abort(new Error('too late')) })).toThrow('too late')
  })

  describe('is used again', () => {
    /** Processes that answer each request with their own id, and then say what `afterwards` says. */
    function createStage(afterwards: string, options?: { idleMs?: number; readyMs?: number }) {
      const entry = path.join(folder, `child-${(children += 1)}.mjs`)
      writeFileSync(
        entry,
        `process.on('disconnect', () => process.exit())
         let stagedCount = 0
         process.on('message', (request) => {
           if (request.fileStem === 'fails') return process.send({ kind: 'failed', code: 'file-damaged', detail: 'Why.', facts: {}, stack: '' })
           if (request.fileStem === 'dies') return process.kill(process.pid, 'SIGKILL')
           stagedCount += 1
           process.send({ kind: 'done', result: { files: [], rowsRead: process.pid, rowsRejected: stagedCount } })
           ${afterwards}
         })`,
      )
      const runStage = createRunStage(entry, options)
      return async (fileStem = 't', { userId = 'ada', signal = new AbortController().signal } = {}) => {
        const { rowsRead: pid, rowsRejected: stagedCount } = await runStage(
          { ...request, fileStem },
          { userId, signal, onProgress: () => {} },
        )
        return { pid, stagedCount }
      }
    }
    const ready = (residentBytes: number) => `process.send({ kind: 'ready', residentBytes: ${residentBytes} })`
    it('when it is ready, until it fails', async () => {
      const stage = createStage(`setTimeout(() => ${ready(1)}, 20)`)
      const first = await stage()
      expect(await stage()).toEqual({ pid: first.pid, stagedCount: 2 })
      await expect(stage('fails')).rejects.toThrow('Why.')
      await vi.waitUntil(() => !isAlive(first.pid), WAIT)
      expect((await stage()).stagedCount).toBe(1)
    })

    it.each([
      ['has not said that it is ready', ''],
      ['has grown too large', ready(1e9)],
    ])('but not when it %s', async (_why, afterwards) => {
      const stage = createStage(afterwards)
      const first = await stage()
      const second = await stage()
      expect([second.stagedCount, second.pid === first.pid]).toEqual([1, false])
      await vi.waitUntil(() => !isAlive(first.pid), WAIT)
    })

    it('but not for another user', async () => {
      const stage = createStage(ready(1))
      const first = await stage()
      expect((await stage('t', { userId: 'grace' })).stagedCount).toBe(1)
      await vi.waitUntil(() => !isAlive(first.pid), WAIT)
    })

    it('unless the run has to end before it is ready', async () => {
      const stage = createStage('', { readyMs: 60_000 })
      const { pid } = await stage()
      const stop = new AbortController()
      const second = stage('t', { signal: stop.signal })
      stop.abort(new Error('enough'))
      await expect(second).rejects.toThrow('enough')
      await vi.waitUntil(() => !isAlive(pid), WAIT)
    })

    it('but not for long, and not when it was killed while it waited', async () => {
      const stage = createStage(ready(1), { idleMs: 200 })
      const first = await stage()
      await vi.waitUntil(() => !isAlive(first.pid), WAIT)
      const second = await stage()
      process.kill(second.pid, 'SIGKILL')
      expect((await stage()).stagedCount).toBe(1)
    })

    it('and does not keep its parent alive while it waits', async () => {
      // Programs of other tests may still be ending.
      const countResources = () => process.getActiveResourcesInfo().filter((name) => /Pipe|Process/.test(name)).length
      const before = countResources()
      const stage = createStage(ready(1))
      const { pid } = await stage()
      await vi.waitUntil(() => countResources() <= before, WAIT)
      expect(isAlive(pid)).toBe(true)
    })

    it('by one input at a time', async () => {
      const stage = createStage(ready(1))
      const [one, other] = await Promise.all([stage(), stage()])
      expect(one.pid).not.toBe(other.pid)
      await vi.waitUntil(() => [one, other].filter(({ pid }) => isAlive(pid)).length === 1, WAIT)
    })

    it('and an input that kills it is tried once more, in a new one', async () => {
      const stage = createStage(ready(1))
      const first = await stage()
      await expect(stage('dies')).rejects.toMatchObject({ code: 'too-large' })
      expect(isAlive(first.pid)).toBe(false)
    })
  })
})
