import { DAY_MS, flag, longMilliseconds, POSITIVE_COUNT, POSITIVE_LONG, type PropertyEntry } from './property-entry'

/** Limits on expiry and on the deletion of files. */
export const RETENTION_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'history.expire.max-snapshot-age-ms',
    doc: 'The age at which a snapshot may expire.',
    ...longMilliseconds(5 * DAY_MS),
    since: '0.11.0',
    honouredBy: ['spark', 'flink'],
  },
  {
    name: 'history.expire.min-snapshots-to-keep',
    doc: 'The minimum number of snapshots that a branch keeps, whatever their age.',
    values: POSITIVE_COUNT,
    default: '1',
    since: '0.11.0',
    honouredBy: ['spark', 'flink', 'trino'],
  },
  {
    name: 'history.expire.max-ref-age-ms',
    doc: 'The age at which a branch or tag may expire; never if not set.',
    values: POSITIVE_LONG,
    unit: 'milliseconds',
    since: '0.14.0',
    honouredBy: ['spark', 'flink', 'trino'],
  },
  {
    name: 'gc.enabled',
    doc: 'Whether maintenance may delete files of this table.',
    ...flag('true'),
    since: '0.11.0',
    honouredBy: ['spark', 'flink', 'trino'],
  },
]
