import type { PastLoad } from '@/lib/client/jobs/past-load'
import { CSV_DEFAULTS } from '@/lib/ingest/csv-options'

/** For tests: the request of an earlier load of one CSV file, and what came of its rejects. */
export const SAMPLE_LOAD: PastLoad = {
  table: { catalog: 'local', namespace: ['data'], table: 'trips' },
  files: [{ name: 'may.csv', input: { uploadId: 'u1' } }],
  format: 'csv',
  csv: CSV_DEFAULTS,
  mapping: { columns: {}, ignoredFields: [] },
  ignoreExtra: false,
  allowNullColumns: false,
  allowAmbiguousNumbers: false,
  loadAgain: false,
  repeatedFile: null,
  question: null,
  maxRejectedRows: 0,
  landing: { operation: 'append', branch: null },
  recordsSaved: 0,
  correctsRunId: null,
  corrections: [],
}
