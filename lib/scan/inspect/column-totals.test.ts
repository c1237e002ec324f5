import { expect, it } from 'vitest'
import { columnChunk, fileMetaData, rootElement, rowGroup, schemaElement } from '@/testing/parquet/hand-made-file'
import { int, list, struct } from '@/testing/parquet/thrift-writer'
import { parseFooter } from '@/lib/parquet/footer'
import { columnTotals } from './column-totals'

it('adds up the chunks of a column, and does not guess nulls that a row group leaves out', () => {
  const counted = { 12: struct({ 3: int(2) }) }
  const footer = parseFooter(
    fileMetaData({
      2: list(rootElement(2), schemaElement('a', { 9: int(7) }), schemaElement('b')),
      3: int(6),
      4: list(
        rowGroup([columnChunk('a', counted), columnChunk('b', counted)]),
        rowGroup([columnChunk('a', { ...counted, 4: int(6) }), columnChunk('b')]),
      ),
    }),
    1_000,
  )
  const both = { encodings: ['PLAIN', 'RLE'], storedBytes: 24, encodedBytes: 24 }
  expect(columnTotals(footer)).toEqual([
    { leaf: 0, name: 'a', fieldId: 7, codecs: ['uncompressed', 'zstd'], nullCount: 4, ...both },
    { leaf: 1, name: 'b', fieldId: null, codecs: ['uncompressed'], nullCount: null, ...both },
  ])
})
