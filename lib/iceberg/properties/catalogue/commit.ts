import { bytes, COUNT, flag, MIB, milliseconds, POSITIVE_COUNT, type PropertyEntry } from './property-entry'

/** How writers commit, and retry. */
export const COMMIT_PROPERTIES: readonly PropertyEntry[] = [
  {
    name: 'commit.retry.num-retries',
    doc: 'How often a writer retries a commit after a conflict.',
    values: COUNT,
    default: '4',
    isHonoured: true,
  },
  {
    name: 'commit.retry.min-wait-ms',
    doc: 'The minimum wait before a retry.',
    ...milliseconds(100),
  },
  {
    name: 'commit.retry.max-wait-ms',
    doc: 'The maximum wait before a retry.',
    ...milliseconds(60_000),
  },
  {
    name: 'commit.retry.total-timeout-ms',
    doc: 'The total time for all attempts of a commit.',
    ...milliseconds(1_800_000),
  },
  {
    name: 'commit.status-check.num-retries',
    doc: 'How often a writer checks whether a commit with an unknown outcome succeeded.',
    values: COUNT,
    default: '3',
  },
  {
    name: 'commit.status-check.min-wait-ms',
    doc: 'The minimum wait between these checks.',
    ...milliseconds(1000),
  },
  {
    name: 'commit.status-check.max-wait-ms',
    doc: 'The maximum wait between these checks.',
    ...milliseconds(60_000),
  },
  {
    name: 'commit.status-check.total-timeout-ms',
    doc: 'The total time for these checks.',
    ...milliseconds(1_800_000),
  },
  {
    name: 'commit.manifest.target-size-bytes',
    doc: 'The target size of merged manifests.',
    ...bytes(8 * MIB),
  },
  {
    name: 'commit.manifest.min-count-to-merge',
    doc: 'The minimum number of small manifests before they are merged.',
    values: POSITIVE_COUNT,
    default: '100',
    unit: 'files',
  },
  {
    name: 'commit.manifest-merge.enabled',
    doc: 'Whether commits merge small manifests.',
    ...flag('true'),
  },
]
