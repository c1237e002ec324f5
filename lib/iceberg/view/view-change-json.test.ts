import { expect, it } from 'vitest'
import { parseExactJson, stringifyExactJson } from '../json/exact-json'
import { sampleViewVersion, sampleView } from '@/testing/iceberg/sample-view'
import { highestFieldId } from '../schema/schema'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { viewChangeFromJson, viewChangeToJson } from './view-change-json'
import type { ViewChange } from './view-update'

const [schema] = sampleView().schemas
if (schema === undefined) throw new Error('the sample has a schema')

const FULL_CHANGE: ViewChange = {
  requirements: [{ type: 'assert-view-uuid', uuid: 'u' }],
  updates: [
    { action: 'assign-uuid', uuid: 'u' },
    { action: 'upgrade-format-version', formatVersion: 1 },
    { action: 'add-schema', schema },
    { action: 'set-location', location: 'file:///v' },
    { action: 'set-properties', updates: { comment: 'x' } },
    { action: 'remove-properties', removals: ['comment'] },
    { action: 'add-view-version', viewVersion: sampleViewVersion({ schemaId: -1, defaultCatalog: 'c' }) },
    { action: 'set-current-view-version', viewVersionId: -1 },
  ],
}

it('reads back every update and requirement as sent', () => {
  expect(viewChangeFromJson(parseExactJson(stringifyExactJson(viewChangeToJson(FULL_CHANGE))))).toEqual(FULL_CHANGE)
})

it('writes the last column id of a schema, which older catalogs require', () => {
  expect(viewChangeToJson(FULL_CHANGE)['updates']).toContainEqual(
    expect.objectContaining({ action: 'add-schema', 'last-column-id': highestFieldId(schema) }),
  )
})

it('writes what the REST specification says', () => {
  expect(stringifyExactJson(viewChangeToJson({ ...FULL_CHANGE, updates: FULL_CHANGE.updates.slice(-2) }))).toBe(
    '{"requirements":[{"type":"assert-view-uuid","uuid":"u"}],"updates":[{"action":"add-view-version","view-version":' +
      '{"version-id":1,"timestamp-ms":1700000000000,"schema-id":-1,"summary":{"engine-name":"Spark",' +
      '"engine-version":"3.5.1"},"default-catalog":"c","default-namespace":["demo"],"representations":' +
      '[{"type":"sql","sql":"SELECT date FROM flights","dialect":"spark"}]}},' +
      '{"action":"set-current-view-version","view-version-id":-1}]}',
  )
})

it.each([
  ['{"updates": [{"action": "add-snapshot"}]}', 'Unknown update of a view: add-snapshot'],
  ['{"requirements": [{"type": "assert-table-uuid", "uuid": "u"}]}', 'Unknown requirement of a view'],
  ['{"updates": [{"action": "add-view-version", "view-version": {"version-id": 1}}]}', 'representations'],
  ['{"updates": [{"action": "set-current-view-version"}]}', 'view-version-id'],
  ['7', 'The document'],
])('refuses an invalid request: %s', (text, message) => {
  const error = catchAppError(() => viewChangeFromJson(parseExactJson(text)))
  expect([error.code, error.message]).toEqual(['invalid-request', expect.stringContaining(message)])
})
