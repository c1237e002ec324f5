import { expect, it } from 'vitest'
import { SAMPLE_SNAPSHOT_IDS, sampleMetadata, sampleSnapshot } from '@/testing/iceberg/sample-metadata'
import { refPage } from './ref-page'

const [, snapshotId] = SAMPLE_SNAPSHOT_IDS
const metadata = sampleMetadata({
  snapshots: [sampleSnapshot(1)],
  refs: Object.fromEntries(Array.from({ length: 700 }, (_, i) => [`q${i}`, { type: 'tag' as const, snapshotId }])),
})

it('lists one tag by its name, also one that is not on the first page', () => {
  const first = refPage(metadata, {})
  expect(first).toMatchObject({ totalCount: 700, nextOffset: 500 })
  const listed = new Set(first.refs.map(({ name }) => name))
  const later = Object.keys(metadata.refs).find((name) => !listed.has(name)) ?? ''
  expect(refPage(metadata, { name: later })).toMatchObject({ totalCount: 1, refs: [{ name: later }], nextOffset: null })
  expect(refPage(metadata, { name: 'q7000' })).toMatchObject({ totalCount: 0, refs: [], nextOffset: null })
})
