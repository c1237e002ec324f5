import { describe, expect, test } from 'vitest'
import type { Schema } from '@/lib/iceberg/schema/types'
import { dataFileLocation } from './data-file-location'

const SCHEMA: Schema = {
  schemaId: 0,
  identifierFieldIds: [],
  fields: [{ id: 1, name: 'city', required: false, type: 'string' }],
}
const BY_CITY = { specId: 0, fields: [{ sourceId: 1, fieldId: 1000, name: 'city', transform: 'identity' }] }
const PLAIN = { specId: 0, fields: [] }
const HASHED = { 'write.object-storage.enabled': 'true' }
const LOCATION = 's3://lake/ns/t'

function locate(properties: Record<string, string>, { city = null as string | null, name = 'x.parquet' } = {}): string {
  return dataFileLocation(
    { fileName: name, partition: city === null ? [] : [city] },
    { location: LOCATION, properties },
    { spec: city === null ? PLAIN : BY_CITY, schema: SCHEMA },
  )
}

describe('A data file', () => {
  test('is below the data folder of its table, in the folders of its partition', () => {
    expect(locate({})).toBe(`${LOCATION}/data/x.parquet`)
    expect(locate({}, { city: 'a b' })).toBe(`${LOCATION}/data/city=a+b/x.parquet`)
    expect(locate({ 'write.data.path': 's3://bulk/t/' })).toBe('s3://bulk/t/x.parquet')
  })

  test('has a hash in front of its path if the table asks for it', () => {
    expect(locate(HASHED, { name: 'a' })).toBe(`${LOCATION}/data/0101/0110/1001/10110010/a`)
    expect(locate({ 'write.object-storage.enabled': 'TRUE' }, { name: 'b' })).toBe(
      `${LOCATION}/data/1110/0111/1110/00000011/b`,
    )
    expect(locate({ 'write.object-storage.enabled': 'yes' }, { name: 'b' })).toBe(`${LOCATION}/data/b`)
  })

  test('has its partition behind the hash, or no partition but the end of the hash in its name', () => {
    const partitioned = locate(HASHED, { city: 'ABQ' })
    expect(partitioned).toMatch(/\/data\/[01]{4}\/[01]{4}\/[01]{4}\/[01]{8}\/city=ABQ\/x\.parquet$/)
    // The hash depends on the partition, too.
    expect(locate(HASHED, { city: 'JFK' }).slice(0, 45)).not.toBe(partitioned.slice(0, 45))
    const without = { ...HASHED, 'write.object-storage.partitioned-paths': 'false' }
    expect(locate(without, { city: 'ABQ', name: 'a' })).toBe(`${LOCATION}/data/0101/0110/1001/10110010-a`)
    // Without the hash the property does not count.
    expect(locate({ 'write.object-storage.partitioned-paths': 'false' }, { city: 'ABQ' })).toBe(
      `${LOCATION}/data/city=ABQ/x.parquet`,
    )
  })

  test('has the names of its table behind the hash in a folder outside of the table’s location', () => {
    const elsewhere = { ...HASHED, 'write.data.path': 's3://bulk/files' }
    expect(locate(elsewhere, { name: 'a' })).toBe('s3://bulk/files/0101/0110/1001/10110010/ns/t/a')
    const inside = { ...HASHED, 'write.data.path': `${LOCATION}/files/` }
    expect(locate(inside, { name: 'a' })).toBe(`${LOCATION}/files/0101/0110/1001/10110010/a`)
  })

  test('is in the folder that an older property names, if no newer one does', () => {
    const folders = {
      'write.folder-storage.path': 's3://bulk/folder',
      'write.object-storage.path': 's3://bulk/object',
    }
    expect(locate(folders)).toBe('s3://bulk/folder/x.parquet')
    expect(locate({ ...folders, ...HASHED }, { name: 'a' })).toMatch(/^s3:\/\/bulk\/object\/0101\//)
    expect(locate({ 'write.folder-storage.path': 's3://bulk/folder', ...HASHED })).toMatch(/^s3:\/\/bulk\/folder\/[01]/)
    const newer = { ...folders, 'write.data.path': 's3://bulk/data' }
    expect(locate(newer)).toBe('s3://bulk/data/x.parquet')
    expect(locate({ ...newer, ...HASHED })).toMatch(/^s3:\/\/bulk\/data\/[01]/)
  })
})
