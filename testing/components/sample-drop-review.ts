import type { TableDropReview } from '@/lib/contract/lifecycle/tables'

const STATEMENTS = { spark: 'DROP TABLE demo.flights', trino: null, pyiceberg: 'catalog.drop_table("demo.flights")' }

/** A table of the embedded catalog whose files are removed after a day. */
export const SAMPLE_DROP_REVIEW: TableDropReview = {
  metadataLocation: 'file:///lake/demo/flights/metadata/3.json',
  problem: null,
  location: 'file:///lake/demo/flights',
  snapshotCount: 3,
  refNames: ['main', 'q1'],
  rowCount: 30,
  liveBytes: 300,
  dataFileCount: 3,
  deleteFileCount: 0,
  canRestore: true,
  dropProblem: null,
  purgeAfterMs: 86_400_000,
  purgeProblem: null,
  drop: { request: { method: 'DELETE', path: '/v1/drop', body: null }, statements: STATEMENTS },
  purge: { request: { method: 'DELETE', path: '/v1/drop?purgeRequested=true', body: null }, statements: STATEMENTS },
}
