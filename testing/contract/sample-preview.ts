import type { LoadPreview } from '@/lib/contract/loads/loads'

/** The first rows of a file that fit a table, without the rows themselves. */
export const SAMPLE_PREVIEW: LoadPreview = {
  delimiter: ';',
  fields: [],
  columns: [],
  rows: [],
  rejects: [],
  rowsRead: 3,
  rowsRejected: 0,
  isTruncated: false,
  unmappedFields: [],
  unknownColumns: [],
  missingFields: [],
  missingColumns: [],
  questions: [],
  emptiedColumns: [],
}
