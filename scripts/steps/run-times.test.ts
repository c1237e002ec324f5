import { describe, expect, test } from 'vitest'
import { formatTimes, type FileTime } from './run-times.ts'

function fileTime(file: string, wallMs: number, processorMs: number | null): FileTime {
  return { file, wallMs, processorMs }
}

describe('The times of a run', () => {
  test('name each step, with its processor time where it is known', () => {
    const text = formatTimes(
      [
        { step: 'format', wallMs: 2040, processorMs: 3100 },
        { step: 'rooms', wallMs: 61_000, processorMs: null },
      ],
      [],
    )

    expect(text).toMatch(/^ +2\.0 +3\.1 {2}format\n +61\.0 +– {2}rooms$/m)
  })

  test('show the twenty slowest files, the slowest first', () => {
    const text = formatTimes(
      [],
      Array.from({ length: 25 }, (_, i) => fileTime(`${i}.test.ts`, i * 100, i * 100)),
    )

    const files = [...text.matchAll(/\d+\.test\.ts/g)].map(([name]) => name)
    expect(files).toHaveLength(20)
    expect(files[0]).toBe('24.test.ts')
    expect(files.at(-1)).toBe('5.test.ts')
  })

  test('list the files that take three times longer than they compute', () => {
    const text = formatTimes(
      [],
      [
        fileTime('computes.test.ts', 9000, 8000),
        fileTime('waits.test.ts', 6000, 2000),
        fileTime('starts-a-process.test.ts', 500, 10),
        fileTime('in-a-browser.spec.ts', 9000, null),
      ],
    )

    expect(text.slice(text.indexOf('waiting'))).toMatch(/: 1 test files, 4\.0 s\n +6\.0 +2\.0 {2}waits\.test\.ts\n/)
  })
})
