import { type QueryResult, ZERO_COST } from '@/lib/query/engine'

/** A result without columns and rows, which took 7 ms. */
export const EMPTY_RESULT: QueryResult = {
  columns: [],
  batches: [],
  rowCount: 0,
  isTruncated: false,
  resultBytes: 0,
  cost: ZERO_COST,
  timing: {
    startMs: 0,
    planMs: 0,
    confirmMs: 0,
    loadMs: 0,
    fetchMs: 0,
    decodeMs: 0,
    insertMs: 0,
    runMs: 7,
    totalMs: 7,
  },
  columnsRead: 0,
  totalColumns: 0,
  cachedColumns: 0,
  filteredFiles: null,
  sizeMismatches: [],
  tablesRead: [],
  viewsRead: [],
  isText: false,
}
