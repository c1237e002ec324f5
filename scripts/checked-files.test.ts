import { describe, expect, test } from 'vitest'
import { hashFiles, toCheckScope } from './checked-files.ts'

const CHECKED = {
  node: 'v24.0.0',
  'vitest.config.ts': '1',
  'lib/a.ts': '1',
  'lib/b.test.ts': '1',
  'testing/setup/x.ts': '1',
  'docs/style.md': '1',
}

describe('A check', () => {
  test('runs all tests before the first one has passed', () => {
    expect(toCheckScope(null, CHECKED)).toMatchObject({ kind: 'all' })
  })

  test('runs only what changed and new sources can reach after it has passed', () => {
    expect(toCheckScope(CHECKED, { ...CHECKED, 'lib/a.ts': '2', 'lib/c.test.ts': '1' })).toEqual({
      kind: 'reached',
      sources: ['lib/a.ts', 'lib/c.test.ts'],
    })
  })

  test('runs no test for a change of prose', () => {
    expect(toCheckScope(CHECKED, { ...CHECKED, 'docs/style.md': '2' })).toEqual({ kind: 'reached', sources: [] })
  })

  test.each(['vitest.config.ts', 'node', 'testing/setup/x.ts', 'package-lock.json'])(
    'runs all tests when %s has changed',
    (file) => {
      expect(toCheckScope(CHECKED, { ...CHECKED, [file]: '2' })).toEqual({ kind: 'all', reason: `${file} has changed` })
    },
  )

  test('runs all tests when a source is gone, because nothing says any more who imported it', () => {
    const { 'lib/a.ts': _, ...rest } = CHECKED
    expect(toCheckScope(CHECKED, rest)).toEqual({ kind: 'all', reason: 'lib/a.ts is gone' })
  })

  test('knows the files of the working tree', () => {
    const files = hashFiles()
    expect(files['scripts/checked-files.ts']).toMatch(/^[\w+/]{43}=$/)
    expect(Object.keys(files).filter((file) => file.startsWith('node_modules/'))).toEqual([])
  })
})
