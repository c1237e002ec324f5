import { expect, it } from 'vitest'
import {
  columnChunk,
  fileMetaData,
  fileOf,
  rootElement,
  rowGroup,
  schemaElement,
  sourceOf,
} from '@/testing/parquet/hand-made-file'
import { int, list, struct, writeStruct, type Written } from '@/testing/parquet/thrift-writer'
import { readFileColumns } from './file-columns'

const signal = new AbortController().signal
const NO_TABLE = { nameMapping: null, fields: new Map() }

/** A file of one column, with an offset index of these pages after its values. */
function fileWithIndex(...pages: Written[]): Uint8Array {
  const index = writeStruct({ 1: list(...pages) })
  const chunk = columnChunk('a', {}, { 4: int(16), 5: int(index.length) })
  const schema = list(rootElement(1), schemaElement('a', { 9: int(1) }))
  const footer = fileMetaData({ 2: schema, 4: list(rowGroup([chunk])) })
  return fileOf(footer, { pages: Uint8Array.from([...new Uint8Array(12), ...index]) })
}

it('The pages of a file are measured by its offset index', async () => {
  const whole = struct({ 1: int(4), 2: int(12), 3: int(0) })
  const { columns } = await readFileColumns(sourceOf(fileWithIndex(whole)), NO_TABLE, signal)
  expect(columns).toMatchObject([
    { fieldId: 1, storedBytesByCodec: new Map([['uncompressed', 12]]), pageBytes: Uint32Array.of(12) },
  ])
})

it('A damaged offset index is named with its file', async () => {
  const damaged = fileWithIndex(struct({ 2: int(12), 3: int(0) }))
  await expect(readFileColumns(sourceOf(damaged, 'b.parquet'), NO_TABLE, signal)).rejects.toMatchObject({
    code: 'file-damaged',
    message: "b.parquet: a page's offset is missing",
  })
})
