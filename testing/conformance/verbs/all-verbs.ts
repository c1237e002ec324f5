import { NAMESPACES } from './namespaces'
import { TABLE_CHANGES } from './table-changes'
import { TABLE_NAMES } from './table-names'
import { TABLE_RUNS } from './table-runs'
import { TABLE_SNAPSHOTS } from './table-snapshots'
import type { Verb } from './verb'
import { VIEWS } from './views'

/** Every write of the lake that the API has. */
export const ALL_VERBS: readonly Verb[] = [
  ...TABLE_CHANGES,
  ...TABLE_SNAPSHOTS,
  ...TABLE_NAMES,
  ...TABLE_RUNS,
  ...VIEWS,
  ...NAMESPACES,
]
