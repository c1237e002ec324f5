import { expect, test } from 'vitest'
import { currentSchema, defaultSortOrder, defaultSpec, defaultSpecLabel, schemaOfId } from './current-layout'
import { sampleMetadata } from '@/testing/iceberg/sample-metadata'

const metadata = sampleMetadata()

test('The layout for new data is the one that the metadata names', () => {
  expect(currentSchema(metadata).schemaId).toBe(metadata.currentSchemaId)
  expect(schemaOfId(metadata, metadata.currentSchemaId)).toBe(currentSchema(metadata))
  expect(defaultSpec(metadata).specId).toBe(metadata.defaultSpecId)
  expect(defaultSortOrder(metadata).orderId).toBe(metadata.defaultSortOrderId)
  expect(defaultSpecLabel({ ...metadata, partitionSpecs: [{ specId: metadata.defaultSpecId, fields: [] }] })).toBe('')
})

test('Metadata that refers to a missing part is damaged, and the error names the part', () => {
  const broken = { ...metadata, currentSchemaId: 91, defaultSpecId: 92, defaultSortOrderId: 93 }
  const damage = (id: number) =>
    expect.objectContaining({ code: 'file-damaged', message: expect.stringContaining(`${id}`) })
  expect(() => currentSchema(broken)).toThrow(damage(91))
  expect(() => defaultSpec(broken)).toThrow(damage(92))
  expect(() => defaultSortOrder(broken)).toThrow(damage(93))
  expect(() => defaultSpecLabel(broken)).toThrow(damage(92))
})
