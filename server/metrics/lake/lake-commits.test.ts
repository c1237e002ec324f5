import { expect, it } from 'vitest'
import { sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { createTestStores } from '@/testing/stores/test-stores'
import { toLakeCommits } from './lake-commits'

const stores = createTestStores()

const identifier = { catalog: 'lake', namespace: ['demo'], table: 'flights' }
const commitWith = (summary: Record<string, string>) => {
  const metadata = sampleMetadata({ snapshots: [sampleSnapshot(0, { summary })] })
  const [commit] = toLakeCommits({
    identifier,
    metadata,
    metadataLocation: 'file:///lake/m.json',
    store: stores.storeFor({ kind: 'local', roots: [] }),
  })
  return commit
}

it('counts what a summary leaves out next to other counts as zero', () => {
  expect(commitWith({ operation: 'append', 'added-records': '10', 'added-files-size': '2048' })).toMatchObject({
    addedRows: 10,
    addedBytes: 2048,
    removedRows: 0,
    addedFiles: 0,
    inputBytes: null,
  })
})

it('knows nothing when the summary has no count at all', () => {
  expect(commitWith({ operation: 'append' })).toMatchObject({ addedRows: null, removedRows: null, addedBytes: null })
})

it('keeps ids exact and has the loaded bytes when the summary has them', () => {
  expect(commitWith({ operation: 'append', 'added-records': '1', 'lakeshore.input-bytes': '99' })).toMatchObject({
    snapshotId: '3051729675574597004',
    inputBytes: 99,
  })
})
