import { expect, test } from 'vitest'
import { createFixedWidthBuilder } from './growing-columns'

test('A column has room for more nulls than values were expected', () => {
  const finished: number[] = []
  const builder = createFixedWidthBuilder({
    widthBytes: 8,
    expectedCount: 1,
    reserveMemory: () => {},
    write: () => {},
    toVector: (bytes, length) => {
      finished.push(bytes.length, length)
      return {} as never
    },
  })
  for (let i = 0; i < 10_000; i += 1) builder.appendNull()
  builder.finish(10_000)
  expect(finished).toEqual([80_000, 10_000])
})
