import { expect, it } from 'vitest'
import { foldersOf, parsePath } from './parse-path'

it.each([
  ['file:///lake/a b/x.parquet', { location: 'file:///lake/a b/x.parquet', suffix: 'file:///lake/a b/x.parquet' }],
  ['file:/lake/x.parquet', { location: 'file:///lake/x.parquet', suffix: '/lake/x.parquet' }],
  [' /lake/x.parquet/ ', { location: 'file:///lake/x.parquet', suffix: '/lake/x.parquet' }],
  ['s3://bucket/lake/x.parquet', { location: 's3://bucket/lake/x.parquet', suffix: 's3://bucket/lake/x.parquet' }],
  ['day=1/x.parquet', { location: null, suffix: '/day=1/x.parquet' }],
])('reads the path %j', (text, path) => {
  expect(parsePath(text)).toEqual({ ...path, name: 'x.parquet' })
})

it.each(['flights', 'price column', '/', '//', ''])('reads no path in %j', (text) => {
  expect(parsePath(text)).toBeNull()
})

it('lists folders from within, and no bucket', () => {
  expect(foldersOf('s3://bucket/lake/a/x.parquet', 9)).toEqual(['s3://bucket/lake/a', 's3://bucket/lake'])
  expect(foldersOf('file:///lake/a/x.parquet', 1)).toEqual(['file:///lake/a'])
})
