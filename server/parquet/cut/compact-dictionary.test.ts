import { expect, test } from 'vitest'
import { readPlain, type Values } from '@/lib/parquet/values'
import { ByteWriter } from '@/lib/parquet/write/byte-writer'
import { CompactDictionary } from './compact-dictionary'

const BYTE_ARRAY = { physicalType: 'BYTE_ARRAY', lengthBytes: 0 } as const

function plainTexts(texts: readonly string[]): Uint8Array {
  const out = new ByteWriter()
  for (const text of texts) {
    const bytes = new TextEncoder().encode(text)
    out.int32(bytes.length)
    out.bytes(bytes)
  }
  return out.written()
}

function toDictionary(...texts: string[]): Values {
  return readPlain(plainTexts(texts), texts.length, BYTE_ARRAY, () => {})
}

function indexed(dictionary: Values, ...indexes: number[]) {
  return { kind: 'indexed', indexes: Uint16Array.from(indexes), dictionary } as const
}

test('A dictionary of some values has only their entries', () => {
  const dictionary = new CompactDictionary(3)
  const values = indexed(toDictionary('a', 'bb', 'ccc', 'dddd'), 0, 3, 1, 3, 2)
  expect([...dictionary.add(values, { start: 1, end: 4 })]).toEqual([0, 1, 0])
  expect(dictionary.count).toBe(2)
  expect(dictionary.plain).toEqual(plainTexts(['dddd', 'bb']))
  expect(dictionary.plainValueBytes).toBe(plainTexts(['dddd', 'bb', 'dddd']).length)
})

test('An entry that several dictionaries have is there once', () => {
  const dictionary = new CompactDictionary(9)
  const first = toDictionary('a', 'b', 'c')
  expect([...dictionary.add(indexed(first, 2, 1, 2), { start: 0, end: 3 })]).toEqual([0, 1, 0])
  expect([...dictionary.add(indexed(toDictionary('x', 'c', 'y'), 0, 1, 0), { start: 0, end: 3 })]).toEqual([2, 0, 2])
  expect([...dictionary.add(indexed(first, 0, 2, 1), { start: 0, end: 3 })]).toEqual([3, 0, 1])
  expect(dictionary.plain).toEqual(plainTexts(['c', 'b', 'x', 'a']))
})

test('Numbers with several bytes keep their bits', () => {
  const doubles: Values = { kind: 'numbers', data: Float64Array.of(-0, 0, Number.NaN) }
  const dictionary = new CompactDictionary(3)
  expect([...dictionary.add(indexed(doubles, 0, 1, 2), { start: 0, end: 3 })]).toEqual([0, 1, 2])
  const bits = new Float64Array(dictionary.plain.slice().buffer)
  expect([...bits]).toEqual([-0, 0, Number.NaN])
})
