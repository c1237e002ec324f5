import fc from 'fast-check'
import { expect, it } from 'vitest'
import { propertyRuns } from '@/testing/property-cases'
import { readHybrid } from '../hybrid'
import { createRandom } from '@/testing/seeded-random'
import { ByteWriter } from './byte-writer'
import { encodeHybrid } from './encode-hybrid'
import { sliceHybrid } from './slice-hybrid'

it('The hybrid of runs and packed bits has every value again, of any width', () => {
  const runs = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 40 })), { maxLength: 20 })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 32 }), runs, fc.nat(3), (bitWidth, list, start) => {
      const mask = bitWidth === 32 ? 0xffff_ffff : 2 ** bitWidth - 1
      const values = Uint32Array.from(
        list.flatMap(([value, count]) => Array.from({ length: count }, () => ((value * 2654435761) & mask) >>> 0)),
      )
      const from = Math.min(start, values.length)
      const out = new ByteWriter()
      encodeHybrid(values, { start: from, end: values.length, bitWidth }, out)
      const read = new Uint32Array(values.length - from)
      readHybrid(out.written(), 0, out.length, bitWidth, read)
      expect(read).toEqual(values.slice(from))
    }),
    propertyRuns(),
  )
})

it('The hybrid stores a run in a few bytes', () => {
  const out = new ByteWriter()
  encodeHybrid(new Uint8Array(100_000).fill(1), { start: 0, end: 100_000, bitWidth: 1 }, out)
  expect(out.length).toBe(4)
})

it('A slice of the hybrid has its values, unless it begins within packed values', () => {
  const random = createRandom(7)
  let slicedCount = 0
  for (let round = 0; round < 300; round++) {
    const bitWidth = 1 + random(17)
    const values = new Uint32Array(random(400)).map(() => random(3) && random(2 ** bitWidth))
    if (random(2)) values.fill(1, random(100), 100 + random(200))
    const whole = new ByteWriter()
    encodeHybrid(values, { start: 0, end: values.length, bitWidth }, whole)
    const start = random(values.length + 1)
    const end = start + random(values.length - start + 1)
    const out = new ByteWriter()
    if (!sliceHybrid(whole.written(), { start, end, bitWidth }, out)) continue
    slicedCount++
    const read = new Uint32Array(end - start)
    readHybrid(out.written(), 0, out.length, bitWidth, read)
    expect(read).toEqual(values.slice(start, end))
  }
  expect(slicedCount).toBeGreaterThan(50)
})
