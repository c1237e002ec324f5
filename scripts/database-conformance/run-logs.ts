import { describe, expect, test } from 'vitest'
import { rawChange } from '@/scripts/test-sql'
import { queueRun } from '@/server/db/jobs'
import { CUT_TEXT, lastLines, logChanges, readLog } from '@/server/db/run-logs'
import { newRun } from './jobs'
import { atOnce, AT_ONCE, GREATEST, type OpenDatabase, ownDatabase, TEXTS } from './testbed'

const MAX_LINES = 1_000
const MAX_BYTES = 256 * 1024
const MAX_LINES_WITH_WORKER = 1_200

export function proveRunLogs(open: OpenDatabase): void {
  describe('Logs of runs', () => {
    const database = ownDatabase(open)
    const line = (text: string, atMs = 1) => ({ atMs, level: 'info' as const, text })
    const log = (runId: string, text: string, isOfWorker = false) =>
      database().commit(logChanges(runId, [line(text)], { isOfWorker }))
    const texts = async (runId: string) => (await readLog(database(), runId, 0, 5000)).map(({ text }) => text)
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
      const lines = levels.map((level, i) => ({ level, atMs: GREATEST - i, text: `line ${i}` }))
      expect(await database().commit(logChanges('r1', lines))).toEqual([1, 1, 1])
      await log('r1', 'more')
      const numbered = [...lines, line('more')].map((one, i) => ({ ...one, seq: i + 1 }))
      expect(await readLog(database(), 'r1', 0, 10)).toEqual(numbered)
      expect(await readLog(database(), 'r1', 1, 2)).toEqual(numbered.slice(1, 3))
      expect(await readLog(database(), 'r1', 4, 10)).toEqual([])
      expect(await readLog(database(), 'R1', 0, 10)).toEqual([])
      expect(await database().commit(logChanges('r1', []))).toEqual([])
    })

    test.each(TEXTS)('hold any text, long ones in part: %j', async (text) => {
      const runId = `text ${text.slice(0, 100)}`
      await log(runId, text)
      expect(await texts(runId)).toEqual([text.slice(0, 2000)])
    })

    test('hold something readable for what is no text', async () => {
      await log('no text', 'nul \0, half a pair \uD83D')
      expect(await texts('no text')).toEqual(['nul \uFFFD, half a pair \uFFFD'])
    })

    test('have no line twice and none left out when many write at once', async () => {
      await atOnce((i) => database().commit(logChanges('at once', [line(`${i}a`), line(`${i}b`)])))
      const lines = await readLog(database(), 'at once', 0, 100)
      expect(lines.map(({ seq }) => seq)).toEqual(Array.from({ length: 2 * AT_ONCE }, (_, i) => i + 1))
      const written = lines.map(({ text }) => text)
      expect(new Set(written).size).toBe(2 * AT_ONCE)
      for (let i = 0; i < AT_ONCE; i += 1) expect(written.indexOf(`${i}b`)).toBe(written.indexOf(`${i}a`) + 1)
    })

    test('end with one line that says so once they are full, however many write at once', async () => {
      await fill('full', MAX_LINES - 5)
      const { done } = await atOnce((i) => log('full', `late ${i}`))
      expect(done.flat().reduce((sum, rows) => sum + rows, 0)).toBe(6)
      const written = await texts('full')
      expect(written).toHaveLength(MAX_LINES + 1)
      expect(written.filter((text) => text === CUT_TEXT)).toEqual([CUT_TEXT])
      expect(await readLog(database(), 'full', MAX_LINES, 1)).toMatchObject([
        { seq: MAX_LINES + 1, level: 'warning', text: CUT_TEXT, atMs: 1 },
      ])
      expect(await log('full', 'later')).toEqual([0])
    })

    test('are full by their bytes, as UTF-8 has them', async () => {
      const text = 'ä'.repeat(2000)
      const fitting = Math.floor(MAX_BYTES / 4000)
      await database().commit(
        logChanges(
          'bytes',
          Array.from({ length: fitting + 3 }, () => line(text)),
        ),
      )
      const written = await texts('bytes')
      expect(written).toEqual([...Array<string>(fitting).fill(text), CUT_TEXT])
      expect(await log('bytes', '')).toEqual([0])
    })

    test('find room for what the worker says, up to a limit', async () => {
      await fill('worker', MAX_LINES)
      expect(await log('worker', 'of the work')).toEqual([1])
      const { done } = await atOnce((i) => log('worker', `of the worker ${i}`, true))
      expect(done.flat()).toEqual(Array(AT_ONCE).fill(1))
      await fill('worker’s', MAX_LINES_WITH_WORKER - 3)
      const { done: last } = await atOnce((i) => log('worker’s', `of the worker ${i}`, true))
      expect(last.flat().reduce((sum, rows) => sum + rows, 0)).toBe(3)
      expect(await texts('worker’s')).toHaveLength(MAX_LINES_WITH_WORKER)
      const [begun] = await readLog(database(), 'worker', MAX_LINES + 1, 1)
      expect(begun).toMatchObject({ level: 'info', text: expect.stringContaining('of the worker') })
    })

    test('tell the last line of each run', async () => {
      const [some, none] = [await queueRun(database(), newRun()), await queueRun(database(), newRun())]
      await database().commit(logChanges(some, [line('1'), line('2')]))
      expect(await lastLines(database(), [some, none, 'gone'])).toEqual(
        new Map([
          [some, 2],
          [none, 0],
        ]),
      )
      expect(await lastLines(database(), [])).toEqual(new Map())
    })
  })
}
