import { expect, it } from 'vitest'
import { TABLE_PROPERTIES, findProperty } from '@/lib/iceberg/properties/table-properties'
import { writerLabel } from './writer-label'

it.each([
  ['write.metadata.path', 'all writers'],
  ['write.parquet.compression-codec', 'not Trino'],
  ['commit.retry.max-wait-ms', 'not Lakeshore'],
  ['write.delete.parquet.compression-codec', 'Java only'],
  ['gc.enabled', 'Java, Trino'],
  ['write.avro.compression-codec', 'Java, PyIceberg'],
  ['write.parquet.row-group-size-bytes', 'Java, Lakeshore'],
  ['write.delete.isolation-level', '3 writers'],
  ['write.wap.enabled', 'Spark only'],
  ['write.upsert.enabled', 'Flink only'],
  ['write.manifest-lists.enabled', 'no writer'],
])('the writers of %s are "%s"', (name, label) => {
  expect(writerLabel(findProperty(name)?.honouredBy ?? [])).toBe(label)
})

it('the writers of every property are named in one or two words', () => {
  for (const { honouredBy } of TABLE_PROPERTIES) expect(writerLabel(honouredBy)).toMatch(/^\S+ \S+$/)
})
