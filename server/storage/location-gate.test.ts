import { describe, expect, test } from 'vitest'
import { localPathOf } from './location-gate'

const ROOTS = ['file:///lake/warehouse', 'file:/mnt/more']

describe('The location gate', () => {
  test.each([
    ['file:///lake/warehouse/t/data/x.parquet', '/lake/warehouse/t/data/x.parquet'],
    ['file:/lake/warehouse/t', '/lake/warehouse/t'],
    ['FILE:///lake/warehouse/t', '/lake/warehouse/t'],
    ['/lake/warehouse/t', '/lake/warehouse/t'],
    ['file:///lake/warehouse//t/', '/lake/warehouse/t'],
    ['file:///lake/warehouse', '/lake/warehouse'],
    ['file:///mnt/more/a', '/mnt/more/a'],
    ['file:///lake/warehouse/t/name=a%2Fb/%25.parquet', '/lake/warehouse/t/name=a%2Fb/%25.parquet'],
    ['file:///lake/warehouse/a b?c#d/é', '/lake/warehouse/a b?c#d/é'],
    ['file:///lake/warehouse/..a/b..', '/lake/warehouse/..a/b..'],
  ])('lets %s through as %s', (location, path) => {
    expect(localPathOf(location, ROOTS)).toBe(path)
  })

  test.each([
    'file:///etc/passwd',
    'file:///lake/warehouse2/t',
    'file:///lake/warehouse-t',
    'file:///lake',
    'file:///',
    'file:///lake/warehouse/../../etc/passwd',
    'file:///lake/warehouse/./t',
    'file:///lake/warehouse/%2e%2E/t',
    'file:///lake/warehouse/%2e./t',
    'file:///lake/warehouse/t\0.parquet',
    'file:///lake/warehouse/t\n',
    'file:///lake/warehouse/\x7F',
    'file:///lake/warehouse/\uD800',
    'file://localhost/lake/warehouse/t',
    'file://lake/warehouse/t',
    'file:////lake/warehouse/t',
    '//lake/warehouse/t',
    'file:lake/warehouse/t',
    'lake/warehouse/t',
    '',
    's3://other/t',
    's3a://lake/warehouse/t',
    'hdfs:///lake/warehouse/t',
    'http://169.254.169.254/latest',
    'https://lake/warehouse/t',
    'data:text/plain,x',
    'https:/lake/warehouse/t',
  ])('refuses %j', (location) => {
    expect(() => localPathOf(location, ROOTS)).toThrow(expect.objectContaining({ code: 'forbidden' }))
  })
})
