import { describe, expect, test } from 'vitest'
import type { PrimitiveType, Value } from '@/lib/iceberg/schema/types'
import { columnWidth, FIGURE_PX, MONO_PX, PADDING_PX } from './column-width'
import { toCell, toGridColumn } from '../row-cell'

const INT64_LIMIT = 2n ** 63n

describe('The initial width of a column fits', () => {
  test.each<[PrimitiveType, Value]>([
    ['boolean', false],
    ['int', -(2 ** 31)],
    ['long', -INT64_LIMIT],
    ['long', INT64_LIMIT - 1n],
    ['float', Math.fround(-1.17549435e-38)],
    ['double', -122.38999938964844],
    ['decimal(9, 2)', -9_999_999_99n],
    ['decimal(18, 18)', -(10n ** 18n - 1n)],
    ['decimal(38, 10)', -(10n ** 38n - 1n)],
    ['date', 2_932_896],
    ['time', 86_399_999_999n],
    ['timestamp', 983_869_380_123_456n],
    ['timestamptz', 983_869_380_123_456n],
    ['timestamp_ns', 983_869_380_123_456_789n],
    ['timestamptz_ns', 983_869_380_123_456_789n],
    ['uuid', '00112233-4455-6677-8899-aabbccddeeff'],
    ['fixed[16]', new Uint8Array(16).fill(255)],
  ])('a %s: %s', (type, value) => {
    const { width, mono } = toGridColumn({ id: 1, name: 'x', required: false, type }, null)
    const { text } = toCell(type, value, 'UTC')
    expect(text.length).toBeGreaterThan(4)
    expect(width).toBeGreaterThanOrEqual(text.length * (mono ? MONO_PX : FIGURE_PX) + PADDING_PX)
  })

  test('its name, its type and its share of nulls, unless the name is very long', () => {
    const plain = { type: 'int', typeLabel: 'int' } as const
    const short = columnWidth({ ...plain, name: 'x' })
    expect(columnWidth({ ...plain, name: 'departure_delay_minutes' })).toBeGreaterThan(short)
    expect(columnWidth({ ...plain, name: 'x', note: 'more than 33.3% null' })).toBeGreaterThan(short)
    expect(columnWidth({ ...plain, name: 'x'.repeat(200) })).toBe(280)
  })
})

test('A column whose values have no maximum length has a fixed width', () => {
  const named = { name: 'x', typeLabel: 'x' }
  expect(columnWidth({ ...named, type: 'string' })).toBeLessThan(200)
  expect(columnWidth({ ...named, type: 'fixed[4096]' })).toBe(280)
  expect(columnWidth({ ...named, type: { type: 'struct', fields: [] } })).toBe(280)
})
