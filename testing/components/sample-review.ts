import type { ChangeReview } from '@/lib/contract/table/changes'

const SCRIPT = { text: 'alter table', commitCount: 1, missingCount: 0 }

/** The review of changes that fit the table. */
export const SAMPLE_REVIEW: ChangeReview = {
  request: { path: '/v1/x', body: '{"requirements":[]}' },
  requestDigest: 'd1',
  scripts: { spark: SCRIPT, trino: SCRIPT, pyiceberg: SCRIPT },
  metadataLocation: 'm',
  conflicts: [],
  problem: null,
  warnings: [],
  needsConfirmation: false,
  figures: { dataFileCount: 38, snapshotCount: 3 },
}
