import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createRunStage } from './run-child'
import type { StageProgress, StageRequest } from '../stage-request'
import { parseWriteSettings } from '@/server/data-files/write/write-settings'

let folder: string
let children = 0
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-child-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const request: StageRequest = {
  input: { path: '/x.csv', format: 'csv', ignoreExtra: false },
  schema: { schemaId: 0, identifierFieldIds: [], fields: [] },
  spec: { specId: 0, fields: [] },
  stagingDir: '/staging',
  rejects: { file: '/rejects', location: 'file:///rejects' },
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
  return createRunStage(entry)(request, { signal: new AbortController().signal, onProgress: () => {}, ...options })
}

describe('The process that stages', () => {
  it('receives the request and returns its result, with exact 64-bit values and bytes', async () => {
    const seen: StageProgress[] = []
    const result = await run(
      `process.send({ kind: 'progress', progress: { phase: 'reading', bytesRead: 1, rowsRead: 2, filesWritten: 0 } })
       const files = [{ fileName: request.input.path, partition: [2n ** 62n, null, new Uint8Array([1, 255])] }]
       process.send({ kind: 'done', result: { files, rowsRead: 1, rowsRejected: 0 } }, () => process.disconnect())`,
      { onProgress: (progress) => seen.push(progress) },
    )
    expect(result.files[0]).toMatchObject({ fileName: '/x.csv', partition: [2n ** 62n, null, Uint8Array.of(1, 255)] })
    expect(seen).toEqual([{ phase: 'reading', bytesRead: 1, rowsRead: 2, filesWritten: 0 }])
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

  it('ends with its result, even if it would never exit by itself', async () => {
    const result = await run(
      `process.send({ kind: 'done', result: { files: [], rowsRead: 1, rowsRejected: 0 } }, () => { for (;;); })`,
    )
    expect(result.rowsRead).toBe(1)
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
})
