import { describe, expect, test } from 'vitest'
import { rawChange } from '@/testing/databases/test-sql'
import { queueRun } from '@/server/db/jobs/runs'
import { TRUNCATED_TEXT, readLastLines, logChanges, readLog } from '@/server/db/jobs/run-logs'
import { newRun } from './jobs'
import {
  runConcurrently,
  CONCURRENCY,
  MAX_INTEGER,
  type OpenDatabase,
  setUpDatabase,
  TEXTS,
} from '@/testing/conformance/database/testbed'

const MAX_LINES = 1_000
const MAX_BYTES = 256 * 1024
const MAX_LINES_WITH_WORKER = 1_200

export function describeRunLogs(open: OpenDatabase): void {
  describe('Logs of runs', () => {
    const database = setUpDatabase(open)
    const line = (text: string, atMs = 1) => ({ atMs, level: 'info' as const, text })
    const log = (runId: string, text: string, isOfWorker = false) =>
      database().commit(logChanges(runId, [line(text)], { isFromWorker: isOfWorker }))
    const readTexts = async (runId: string) => (await readLog(database(), runId, 0, 5000)).map(({ text }) => text)
    /** Lines of one character each. */
    const fill = (runId: string, lines: number) =>
      database().commit([
        rawChange(
          `INSERT INTO run_logs (run_id, seq, at_ms, level, text)
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${lines})
            SELECT '${runId}', i, 1, 'info', 'x' FROM n`,
        ),
      ])

    test('are numbered as they were written, and read by page', async () => {
      expect(await readLog(database(), 'r1', 0, 10)).toEqual([])
      const levels = ['info', 'warning', 'error'] as const
      const lines = levels.map((level, i) => ({ level, atMs: MAX_INTEGER - i, text: `line ${i}` }))
      expect(await database().commit(logChanges('r1', lines))).toEqual([1, 1, 1])
      await log('r1', 'more')
      const numbered = [...lines, line('more')].map((one, i) => ({ ...one, seq: i + 1 }))
      expect(await readLog(database(), 'r1', 0, 10)).toEqual(numbered)
      expect(await readLog(database(), 'r1', 1, 2)).toEqual(numbered.slice(1, 3))
      expect(await readLog(database(), 'r1', 4, 10)).toEqual([])
      expect(await readLog(database(), 'R1', 0, 10)).toEqual([])
      expect(await database().commit(logChanges('r1', []))).toEqual([])
    })

    test.each(TEXTS)('store any text, long ones truncated: %j', async (text) => {
      const runId = `text ${text.slice(0, 100)}`
      await log(runId, text)
      expect(await readTexts(runId)).toEqual([text.slice(0, 2000)])
    })

    test('store invalid text in a readable form', async () => {
      await log('no text', 'nul \0, half a pair \uD83D')
      expect(await readTexts('no text')).toEqual(['nul \uFFFD, half a pair \uFFFD'])
    })

    test('have every line exactly once when many write at once', async () => {
      await runConcurrently((i) => database().commit(logChanges('at once', [line(`${i}a`), line(`${i}b`)])))
      const lines = await readLog(database(), 'at once', 0, 100)
      expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * CONCURRENCY }, (_, i) => i + 1))
      const written = lines.map(({ text }) => text)
      expect(new Set(written).size).toBe(2 * CONCURRENCY)
      for (let i = 0; i < CONCURRENCY; i += 1) expect(written.indexOf(`${i}b`)).toBe(written.indexOf(`${i}a`) + 1)
    })

    test('end with one line that says that they are full, however many write at once', async () => {
      await fill('full', MAX_LINES - 5)
      const { done } = await runConcurrently((i) => log('full', `late ${i}`))
      expect(done.flat().reduce((sum, rows) => sum + rows, 0)).toBe(6)
      const written = await readTexts('full')
      expect(written).toHaveLength(MAX_LINES + 1)
      expect(written.filter((text) => text === TRUNCATED_TEXT)).toEqual([TRUNCATED_TEXT])
      expect(await readLog(database(), 'full', MAX_LINES, 1)).toMatchObject([
        { seq: MAX_LINES + 1, level: 'warning', text: TRUNCATED_TEXT, atMs: 1 },
      ])
      expect(await log('full', 'later')).toEqual([0])
    })

    test('are limited by their bytes in UTF-8', async () => {
      const text = 'ä'.repeat(2000)
      const fitting = Math.floor(MAX_BYTES / 4000)
      await database().commit(
        logChanges(
          'bytes',
          Array.from({ length: fitting + 3 }, () => line(text)),
        ),
      )
      const written = await readTexts('bytes')
      expect(written).toEqual([...Array<string>(fitting).fill(text), TRUNCATED_TEXT])
      expect(await log('bytes', '')).toEqual([0])
    })

    test('have room for lines of the worker, up to a limit', async () => {
      await fill('worker', MAX_LINES)
      expect(await log('worker', 'of the work')).toEqual([1])
      const { done } = await runConcurrently((i) => log('worker', `of the worker ${i}`, true))
      expect(done.flat()).toEqual(Array(CONCURRENCY).fill(1))
      await fill('worker’s', MAX_LINES_WITH_WORKER - 3)
      const { done: last } = await runConcurrently((i) => log('worker’s', `of the worker ${i}`, true))
      expect(last.flat().reduce((sum, rows) => sum + rows, 0)).toBe(3)
      expect(await readTexts('worker’s')).toHaveLength(MAX_LINES_WITH_WORKER)
      const [workerLine] = await readLog(database(), 'worker', MAX_LINES + 1, 1)
      expect(workerLine).toMatchObject({ level: 'info', text: expect.stringContaining('of the worker') })
    })

    test('return the last line of each run', async () => {
      const [some, none] = [await queueRun(database(), newRun()), await queueRun(database(), newRun())]
      await database().commit(logChanges(some, [line('1'), line('2')]))
      expect(await readLastLines(database(), [some, none, 'gone'])).toEqual(
        new Map([
          [some, 2],
          [none, 0],
        ]),
      )
      expect(await readLastLines(database(), [])).toEqual(new Map())
    })
  })
}
