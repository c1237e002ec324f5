import { describe, expect, test } from 'vitest'
import { addFlakyFiles, type FlakyEntry, listOverdue } from './flaky-files.ts'
import type { FileRun } from './file-run.ts'

const ENTRY: FlakyEntry = { file: 'a.test.ts', date: '2026-11-01', failure: 'a.test.ts: adds\nexpected 1', cause: null }

function flakyFile(file: string) {
  const run: FileRun = { file, project: 'pure', state: 'ended', passed: 0, failures: [], wallMs: 1, processorMs: 1 }
  return { file: run, failure: { name: `${file}: adds`, reason: 'expected 1' } }
}

describe('The list of flaky files', () => {
  test('gets a new file with its day and its first failure', () => {
    expect(addFlakyFiles([], [flakyFile('a.test.ts')], Date.parse('2026-11-01T23:59:59Z'))).toEqual([ENTRY])
  })

  test('keeps the day on which a file was first seen, and its cause', () => {
    const known = { ...ENTRY, cause: 'a timer of the page' }

    expect(addFlakyFiles([known], [flakyFile('a.test.ts')], Date.parse('2026-11-09'))).toEqual([known])
  })

  test('has an overdue entry once the tested commit is more than 14 days younger', () => {
    expect(listOverdue([ENTRY], Date.parse('2026-11-15T00:00:00Z'))).toEqual([])
    expect(listOverdue([ENTRY], Date.parse('2026-11-15T00:00:01Z'))).toMatchObject([
      { name: 'a.test.ts has been flaky since 2026-11-01' },
    ])
  })
})
