import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { readPlain } from '../values'
import { encodeAgain, encodePlain } from './encode-values'

it('A part of PLAIN booleans has the bytes that its values have', () => {
  const flags = fc.array(fc.boolean(), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(flags, fc.nat(60), fc.nat(60), (values, one, other) => {
      const data = Uint8Array.from(values, Number)
      const whole = encodePlain({ kind: 'booleans', data }, { start: 0, end: data.length })
      const [start, end] = [Math.min(one, other, data.length), Math.min(Math.max(one, other), data.length)]
      const part = encodeAgain('PLAIN', { kind: 'booleans', data }, { start, end }, whole)
      expect(part).toEqual(
        encodePlain({ kind: 'booleans', data: data.subarray(start, end) }, { start: 0, end: end - start }),
      )
      const read = readPlain(part, end - start, { physicalType: 'BOOLEAN', lengthBytes: 0 }, () => {})
      expect(read).toEqual({ kind: 'booleans', data: data.slice(start, end) })
    }),
    propertyRuns(500),
  )
})
