import { expect, it } from 'vitest'
import { TABLE_PROPERTIES, findProperty } from '@/lib/iceberg/properties/table-properties'
import { writerLabel } from './writer-label'

it.each([
  ['write.metadata.path', 'all writers'],
  ['write.parquet.compression-codec', 'Spark, Flink, PyIceberg, Lakeshore'],
  ['commit.retry.max-wait-ms', 'Spark, Flink, Trino, PyIceberg'],
  ['write.delete.parquet.compression-codec', 'Spark, Flink'],
  ['gc.enabled', 'Spark, Flink, Trino'],
  ['write.avro.compression-codec', 'Spark, Flink, PyIceberg'],
  ['write.parquet.row-group-size-bytes', 'Spark, Flink, Lakeshore'],
  ['write.delete.isolation-level', 'Spark, Trino, PyIceberg'],
  ['write.wap.enabled', 'Spark only'],
  ['write.upsert.enabled', 'Flink only'],
  ['write.manifest-lists.enabled', 'no writer'],
])('the writers of %s are "%s"', (name, label) => {
  expect(writerLabel(findProperty(name)?.honouredBy ?? [])).toBe(label)
})

it('every property says which writers honour it', () => {
  for (const { honouredBy } of TABLE_PROPERTIES)
    expect(writerLabel(honouredBy)).toMatch(/^(all writers|no writer|\w+ only|\w+(, \w+)+)$/)
})
