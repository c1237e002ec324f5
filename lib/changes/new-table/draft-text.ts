import { AppError } from '@/lib/errors'
import { parseExactJson, stringifyExactJson } from '../../iceberg/json/exact-json'
import { JsonFields } from '../../iceberg/json/json-fields'
import { readRequest } from '../../iceberg/json/read-request'
import {
  partitionSpecToJson,
  requestedOrderFromJson,
  requestedSpecFromJson,
  sortOrderToJson,
} from '../../iceberg/partitioning/partition-spec-json'
import { schemaFromJson, schemaToJson } from '../../iceberg/schema/schema-json'
import type { NewTableDraft } from './new-table-draft'

/** A draft as text for a browser's storage. It may be unfinished: two columns may have one name. */

export function draftToText(draft: NewTableDraft): string {
  const { formatVersion, schema, lastRemovedId, partitionFields, sortFields, properties } = draft
  const fields = partitionFields.map((field) => ({ ...field, fieldId: 0 }))
  return stringifyExactJson({
    'format-version': formatVersion,
    schema: schemaToJson(schema),
    ...(lastRemovedId !== undefined && { 'last-removed-id': lastRemovedId }),
    'partition-spec': partitionSpecToJson({ specId: 0, fields }),
    'sort-order': sortOrderToJson({ orderId: 0, fields: sortFields }),
    properties,
  })
}

/** Null for a text that is not a draft, such as one of another version. */
export function draftFromText(text: string): NewTableDraft | null {
  try {
    return readRequest(() => {
      const object = new JsonFields(parseExactJson(text), '')
      const version = object.int('format-version')
      const { fields } = requestedSpecFromJson(object.json('partition-spec'))
      return {
        formatVersion: version === 1 || version === 3 ? version : 2,
        schema: schemaFromJson(object.json('schema')),
        ...(object.has('last-removed-id') && { lastRemovedId: object.int('last-removed-id') }),
        partitionFields: fields.map(({ sourceId, name, transform }) => ({ sourceId, name, transform })),
        sortFields: requestedOrderFromJson(object.json('sort-order')).fields,
        properties: object.textMap('properties'),
      }
    })
  } catch (error) {
    if (error instanceof AppError) return null
    throw error
  }
}
