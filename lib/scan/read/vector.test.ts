import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isValid, ValidityBuilder } from './vector'

test('a run of nulls is the same as its nulls one by one', () => {
  const run = fc.record({ from: fc.nat(60), count: fc.nat(40) })
  fc.assert(
    fc.property(fc.array(run, { maxLength: 4 }), (runs) => {
      const validity = new ValidityBuilder(100)
      const isNull = new Array<boolean>(100).fill(false)
      for (const { from, count } of runs) {
        validity.setNulls(from, count)
        isNull.fill(true, from, from + count)
      }
      const bits = validity.finish()
      expect(isNull.map((_, i) => !isValid(bits, i))).toEqual(isNull)
    }),
  )
})

test('values take no memory until one is null', () => {
  const validity = new ValidityBuilder(10)
  validity.setNulls(3, 0)
  expect(validity.finish()).toBeNull()
})
