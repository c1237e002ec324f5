import type { TableUse } from '@/lib/contract/table/uses'

/** A saved query by ada that reads every column. */
export function sampleUse(change: Partial<TableUse> = {}): TableUse {
  return {
    kind: 'query',
    name: 'By origin',
    entry: null,
    id: change.name ?? 'q1',
    owner: 'ada',
    certainty: 'reads',
    columns: null,
    formerColumns: [],
    via: null,
    ...change,
  }
}
