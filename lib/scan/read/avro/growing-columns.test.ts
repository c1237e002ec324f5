import { expect, test } from 'vitest'
import { createFixedWidthBuilder } from './growing-columns'

test('A column has room for more nulls than values were expected', () => {
  const lengths: number[] = []
  const builder = createFixedWidthBuilder({
    widthBytes: 8,
    expectedCount: 1,
    reserveMemory: () => {},
    write: () => {},
    toVector: (bytes, length, validity) => {
      lengths.push(bytes.length, length, validity?.length ?? 0)
      return {} as never
    },
  })
  for (let i = 0; i < 20; i += 1) builder.appendNull()
  builder.finish(20)
  expect(lengths.slice(0, 2)).toEqual([160, 20])
})
