import { describe, expect, it } from 'vitest'
import { parseExactJson } from '../json/exact-json'
import { sampleView } from '@/testing/iceberg/sample-view'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { readViewMetadata, viewMetadataFromJson, viewMetadataToJson, writeViewMetadata } from './view-metadata-json'

/** Modelled on the specification's example, with unknown fields at every level. */
const FILE = `{
  "view-uuid": "fa6506c3-7681-40c8-86dc-e36561f83385", "format-version": 1,
  "location": "s3://bucket/warehouse/default.db/event_agg", "current-version-id": 1, "future": 9007199254740993,
  "properties": {"comment": "Daily event counts", "__proto__": "x"},
  "versions": [{
    "version-id": 1, "timestamp-ms": 1573518431292, "schema-id": 1, "default-catalog": "prod",
    "default-namespace": ["default", "a.b"], "summary": {"engine-name": "Spark", "engine-version": "3.3.2"},
    "representations": [
      {"type": "sql", "sql": "SELECT\\n  COUNT(1)\\nFROM events", "dialect": "spark", "future": [1]},
      {"type": "plan", "bytes": "AA=="}], "future": {}}],
  "schemas": [{"schema-id": 1, "type": "struct", "fields": [
    {"id": 1, "name": "event_count", "required": false, "type": "int", "doc": "Count of events"}]}],
  "version-log": [{"timestamp-ms": 1573518431292, "version-id": 1, "future": true}]
}`

describe('view metadata', () => {
  it('is read from its file', () => {
    const view = readViewMetadata(FILE)
    expect(view).toMatchObject({
      viewUuid: 'fa6506c3-7681-40c8-86dc-e36561f83385',
      location: 's3://bucket/warehouse/default.db/event_agg',
      currentVersionId: 1,
      versionLog: [{ timestampMs: 1573518431292, versionId: 1 }],
    })
    expect(view.versions[0]).toMatchObject({
      defaultCatalog: 'prod',
      defaultNamespace: ['default', 'a.b'],
      representations: [
        { type: 'sql', sql: 'SELECT\n  COUNT(1)\nFROM events', dialect: 'spark' },
        { type: 'other', json: { type: 'plan', bytes: 'AA==' } },
      ],
    })
    expect(Object.hasOwn(view.properties, '__proto__')).toBe(true)
  })
  it('is written back unchanged, including unknown fields', () => {
    expect(parseExactJson(writeViewMetadata(readViewMetadata(FILE)))).toEqual(parseExactJson(FILE))
  })
  it('is written the same again after reading it', () => {
    for (const view of [sampleView(), sampleView({ properties: {} })]) {
      expect(readViewMetadata(writeViewMetadata(view))).toEqual(view)
      expect(viewMetadataFromJson(viewMetadataToJson(view))).toEqual(view)
    }
  })
  it.each([
    ['"format-version": 1', '"format-version": 2', 'not-supported', 'format version 2'],
    ['"view-uuid": "fa6506c3-7681-40c8-86dc-e36561f83385", ', '', 'file-damaged', 'view-uuid'],
    ['"current-version-id": 1', '"current-version-id": 7', 'file-damaged', 'current-version-id'],
    ['"timestamp-ms": 1573518431292, "schema-id": 1', '"timestamp-ms": 1, "schema-id": 3', 'file-damaged', 'schema 3'],
    ['"default-namespace": ["default", "a.b"], ', '', 'file-damaged', 'versions[0].default-namespace'],
    ['"dialect": "spark", ', '', 'file-damaged', 'versions[0].representations[0].dialect'],
    ['"version-log": [', '"version-log": [7,', 'file-damaged', 'version-log[0]'],
  ])('is refused when damaged, naming the field: %s → %s', (from, to, code, message) => {
    expect(FILE).toContain(from)
    const error = catchAppError(() => readViewMetadata(FILE.replace(from, to)))
    expect([error.code, error.message]).toEqual([code, expect.stringContaining(message)])
  })
})
