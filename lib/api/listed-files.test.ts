import { expect, test } from 'vitest'
import type { PlannedDeleteFile, PlannedFile } from '@/lib/contract/table/scan'
import { toListedFiles } from './listed-files'

const file: PlannedFile = {
  index: 0,
  path: 's3://lake/a.parquet',
  fileFormat: 'parquet',
  fileSizeBytes: 1,
  recordCount: 1,
  firstRowIndex: 0,
  sequenceNumber: 1,
  firstRowId: null,
  specId: 0,
  partition: '',
  constants: [],
  deletes: [7],
}
const deleteFile: PlannedDeleteFile = {
  index: 7,
  path: 's3://lake/d.parquet',
  content: 'equality-deletes',
  format: 'parquet',
  fileSizeBytes: 1,
  recordCount: 1,
  equalityIds: [4],
  equalityFields: [{ id: 4, name: 'origin', type: 'long', required: false }],
  contentOffset: null,
  contentSizeBytes: null,
  referencedDataFile: null,
}

test('A delete file compares files without the column by its initial default, with every digit', () => {
  const defaults = [{ fieldId: 4, value: '9007199254740993' }]
  const [listed] = toListedFiles({ files: [file], deleteFiles: [deleteFile] }, { defaults })
  expect(listed?.deletes.map(({ equalityFields }) => equalityFields[0]?.initialDefault)).toEqual([9007199254740993n])
})

test('A file whose delete file is missing in the listing is not listed, because its deleted rows would be shown', () => {
  expect(() => toListedFiles({ files: [file], deleteFiles: [] }, { defaults: [] })).toThrow(/no delete file/)
})
