import { expect, test } from 'vitest'
import { text, writeStruct } from '@/testing/parquet/thrift-writer'
import { readThrift } from './thrift'

test.each(['\uFEFFid', 'id\uFEFF', '', 'ø\u0000'])('A text is read in full: %j', (value) => {
  expect(readThrift(writeStruct({ 4: text(value) })).struct.text(4)).toBe(value)
})
