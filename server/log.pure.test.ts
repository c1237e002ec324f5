import { expect, it } from 'vitest'
import { createLineLogger } from './log'

function collectLines(write: (log: ReturnType<typeof createLineLogger>) => void, level: 'debug' | 'warn' = 'debug') {
  const lines: string[] = []
  write(createLineLogger(level, { write: (line) => void lines.push(line) }))
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

it('writes one line of JSON per event, with its time, level and context', () => {
  const [line, ...more] = collectLines((log) => log.info({ requestId: 'r1', status: 200 }, 'request'))
  expect(more).toEqual([])
  expect(line).toMatchObject({ level: 'info', message: 'request', requestId: 'r1', status: 200 })
  expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
})

it('logs an error with its causes', () => {
  const [line] = collectLines((log) =>
    log.error({ error: new Error('not read', { cause: new Error('disk gone') }) }, 'not read'),
  )
  expect(JSON.stringify(line?.error)).toMatch(/not read.*disk gone/)
})

it('removes secrets by their names', () => {
  const text = JSON.stringify(
    collectLines((log) =>
      log.info({ password: 'p1', user: { passwordHash: 'p2' }, request: { headers: { cookie: 'p3' } } }),
    ),
  )
  expect(text).not.toMatch(/p[123]/)
  expect(text.match(/\[redacted\]/g)).toHaveLength(3)
})

it('leaves out events below its level', () => {
  expect(collectLines((log) => log.info('small talk'), 'warn')).toEqual([])
})
