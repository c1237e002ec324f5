import { expect, it } from 'vitest'
import { createTableRequestFromJson } from './create-table-request'
import { catchAppError } from '@/testing/iceberg/catch-app-error'
import { createViewRequestFromJson } from '../view/create-view-request'

const schema = { type: 'struct', fields: [{ id: 0, name: 'x', required: true, type: 'long' }] }
const view = {
  name: 'v',
  schema,
  'view-version': {
    'version-id': 1,
    'timestamp-ms': 5,
    'schema-id': -1,
    summary: {},
    representations: [{ type: 'sql', sql: 'SELECT 1', dialect: 'spark' }],
    'default-namespace': ['a.b', 'c'],
  },
  properties: { owner: 'ada' },
}

it('reads a request with the schema alone and one with every field', () => {
  expect(createTableRequestFromJson({ name: 't', schema })).toEqual({
    name: 't',
    schema: {
      schemaId: 0,
      identifierFieldIds: [],
      fields: [{ id: 0, name: 'x', required: true, type: 'long' }],
    },
    stageCreate: false,
    properties: {},
  })
  expect(
    createTableRequestFromJson({
      name: 't',
      location: 's3://b/t',
      schema,
      'partition-spec': { fields: [{ 'source-id': 0, name: 'x', transform: 'identity' }] },
      'write-order': {
        'order-id': 1,
        fields: [{ 'source-id': 0, transform: 'identity', direction: 'asc', 'null-order': 'nulls-first' }],
      },
      'stage-create': true,
      properties: { 'format-version': '3' },
    }),
  ).toMatchObject({
    location: 's3://b/t',
    partitionSpec: { specId: 0, fields: [{ sourceId: 0, fieldId: 0, name: 'x', transform: 'identity' }] },
    sortOrder: { orderId: 1, fields: [{ sourceId: 0, direction: 'asc', nullOrder: 'nulls-first' }] },
    stageCreate: true,
    properties: { 'format-version': '3' },
  })
})

it('reads a request for a view with its first version', () => {
  const request = createViewRequestFromJson({ ...view, location: 's3://b/v' })
  expect(request).toMatchObject({ name: 'v', location: 's3://b/v', properties: { owner: 'ada' } })
  expect(request.version).toMatchObject({ schemaId: -1, defaultCatalog: null, defaultNamespace: ['a.b', 'c'] })
  expect('location' in createViewRequestFromJson(view)).toBe(false)
})

it.each([
  () => createTableRequestFromJson('t'),
  () => createTableRequestFromJson({ name: 't' }),
  () => createTableRequestFromJson({ name: 7, schema }),
  () => createTableRequestFromJson({ name: 't', schema, 'stage-create': 'yes' }),
  () =>
    createTableRequestFromJson({ name: 't', schema: { fields: [{ id: 1, name: 'x', required: true, type: 'byte' }] } }),
  () => createViewRequestFromJson({ name: 'v', schema }),
  () => createViewRequestFromJson({ ...view, 'view-version': { ...view['view-version'], 'default-namespace': 'a' } }),
])('refuses missing fields and fields of the wrong type (%#)', (read) => {
  expect(catchAppError(read).code).toBe('invalid-request')
})
