import type { ViewMetadata, ViewVersion } from '@/lib/iceberg/view/view-metadata'

/** A small view for tests: two versions of one schema, the second with two dialects. */

const START_MS = 1_700_000_000_000

export function sampleViewVersion(overrides: Partial<ViewVersion> = {}): ViewVersion {
  return {
    versionId: 1,
    timestampMs: START_MS,
    schemaId: 1,
    summary: { 'engine-name': 'Spark', 'engine-version': '3.5.1' },
    representations: [{ type: 'sql', sql: 'SELECT date FROM flights', dialect: 'spark' }],
    defaultCatalog: null,
    defaultNamespace: ['demo'],
    ...overrides,
  }
}

export function sampleView(overrides: Partial<ViewMetadata> = {}): ViewMetadata {
  return {
    formatVersion: 1,
    viewUuid: 'fa6506c3-7681-40c8-86dc-e36561f83385',
    location: 'file:///lake/demo/days',
    schemas: [
      {
        schemaId: 1,
        identifierFieldIds: [],
        fields: [{ id: 1, name: 'date', required: false, type: 'timestamp', doc: 'of departure' }],
      },
    ],
    currentVersionId: 2,
    versions: [
      sampleViewVersion(),
      sampleViewVersion({
        versionId: 2,
        timestampMs: START_MS + 60_000,
        representations: [
          { type: 'sql', sql: 'SELECT date FROM flights', dialect: 'spark' },
          { type: 'sql', sql: 'SELECT "date" FROM flights', dialect: 'trino' },
        ],
        defaultCatalog: 'lake',
      }),
    ],
    versionLog: [
      { timestampMs: START_MS, versionId: 1 },
      { timestampMs: START_MS + 60_000, versionId: 2 },
    ],
    properties: { comment: 'Days with flights' },
    ...overrides,
  }
}
