import { NAMESPACES } from './namespaces'
import { TABLE_CHANGES } from './table-changes'
import { TABLE_NAMES } from './table-names'
import { TABLE_RUNS } from './table-runs'
import { TABLE_SNAPSHOTS } from './table-snapshots'
import type { Verb } from './verb'
import { VIEWS } from './views'

/**
 * Every write of the lake that the API has. Properties of many tables are a request for each table, and a table is
 * unregistered by a drop without its files. Kinds of intents share one verb where they share all rules:
 * `testing/iceberg/intent-walk.ts` has each of them.
 */
export const ALL_VERBS: readonly Verb[] = [
  ...TABLE_CHANGES,
  ...TABLE_SNAPSHOTS,
  ...TABLE_NAMES,
  ...TABLE_RUNS,
  ...VIEWS,
  ...NAMESPACES,
]
