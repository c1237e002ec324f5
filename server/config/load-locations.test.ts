import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseConfig } from './config'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-locations-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const parse = (locations: string, environment: Record<string, string> = {}) =>
  parseConfig({
    LAKESHORE_HOME: path.join(folder, 'home'),
    LAKESHORE_LOAD_LOCATIONS: locations.replaceAll('$', folder),
    ...environment,
  }).loadLocations

it('No location is offered unless the operator lists it', () => {
  expect(parse('')).toEqual([])
  expect(parse(' , ')).toEqual([])
})

it('Locations are read with the settings of the operator or the credentials of a connection, and never written', () => {
  const locations = parse(
    'landing=s3://bucket/landing/, Drop-1=file:///srv//drop/,at@prod=s3://other,gcs@prod=gs://bucket/a',
    {
      LAKESHORE_S3_ENDPOINT: 'http://minio:9000',
      LAKESHORE_S3_ACCESS_KEY_ID: 'key',
      LAKESHORE_S3_SECRET_ACCESS_KEY: 'secret',
    },
  )
  expect(locations).toEqual([
    {
      name: 'landing',
      location: 's3://bucket/landing',
      connection: null,
      access: {
        kind: 's3',
        roots: ['s3://bucket/landing'],
        endpoint: 'http://minio:9000',
        region: 'us-east-1',
        isPathStyle: true,
        credentials: { kind: 'keys', accessKeyId: 'key', secretAccessKey: 'secret' },
        isReadOnly: true,
      },
    },
    {
      name: 'Drop-1',
      location: 'file:///srv/drop',
      connection: null,
      access: { kind: 'local', roots: ['file:///srv/drop'], isReadOnly: true },
    },
    { name: 'at', location: 's3://other', connection: 'prod' },
    { name: 'gcs', location: 'gs://bucket/a', connection: 'prod' },
  ])
})

it.each([
  ['s3://bucket/landing', 'must list locations such as'],
  ['a name=s3://bucket/landing', 'must list locations such as'],
  ['../a=s3://bucket/landing', 'must list locations such as'],
  ['a@b c=s3://bucket/landing', 'must list locations such as'],
  ['a=/srv/drop', 'must be file:///folder'],
  ['a=file:///', 'must be file:///folder'],
  ['a=file:///srv/../etc', 'must be file:///folder'],
  ['a=file:///srv/%2e%2e/etc', 'must be file:///folder'],
  ['a=file://host/drop', 'must be file:///folder'],
  ['a=s3://', 'must be file:///folder'],
  ['a=s3://bucket/x//y', 'must be file:///folder'],
  ['a=s3://bucket/x/../y', 'must be file:///folder'],
  ['a=s3a://bucket/x', 'must be file:///folder'],
  ['a=https://bucket/x', 'must be file:///folder'],
  ['a=s3://bucket/x,A=s3://bucket/y', 'A is the name of two locations'],
  [Array.from({ length: 101 }, (_, i) => `l${i}=s3://bucket/${i}`).join(), 'at most 100 locations'],
  ['a=gs://bucket/x', 'needs the credentials of a connection'],
  ['a@prod=file:///srv/drop', 'needs no connection'],
])('The configuration refuses the location %j', (locations, message) => {
  expect(() => parse(locations)).toThrow(message)
})

it.each([
  ['in the home', '$/home/drop', {}, 'the home has secrets'],
  ['the home', '$/home', {}, 'the home has secrets'],
  ['around the home', '$', {}, 'the home has secrets'],
  ['that is a link into the home', '$/link/drop', {}, 'the home has secrets'],
  ['in the warehouse', '$/lake/landing', { LAKESHORE_WAREHOUSE: '$/lake' }, 'overlaps with the warehouse'],
  ['around the warehouse', '$/up', { LAKESHORE_WAREHOUSE: '$/up/lake' }, 'overlaps with the warehouse'],
  ['that connections read tables in', '$/tables/in', { LAKESHORE_LOCAL_ROOTS: '$/tables' }, 'LAKESHORE_LOCAL_ROOTS'],
])('The configuration refuses a folder %s', (_, location, environment: Record<string, string>, message) => {
  mkdirSync(path.join(folder, 'home'))
  symlinkSync(path.join(folder, 'home'), path.join(folder, 'link'))
  const settings = Object.entries(environment).map(([name, value]) => [name, value.replaceAll('$', folder)])
  expect(() => parse(`a=file://${location}`, Object.fromEntries(settings))).toThrow(message)
})

it('The configuration refuses a prefix in, or around, the warehouse in a bucket, and takes one next to it', () => {
  const warehouse = { LAKESHORE_WAREHOUSE: 's3://lake/wh' }
  expect(() => parse('a=s3://lake/wh/landing', warehouse)).toThrow('overlaps with the warehouse')
  expect(() => parse('a=s3://lake', warehouse)).toThrow('overlaps with the warehouse')
  expect(() => parse('a@prod=s3://lake/wh/ns', warehouse)).toThrow('overlaps with the warehouse')
  expect(parse('a=s3://lake/wh2', warehouse)).toMatchObject([{ location: 's3://lake/wh2' }])
})

it('The configuration refuses a folder of this machine where workers may run on another', () => {
  const shared = {
    LAKESHORE_DATABASE_URL: 'postgres://localhost/lake',
    LAKESHORE_WAREHOUSE: 's3://lake/wh',
    LAKESHORE_SECRET: 'abcdefghijklmnopqrstuvwxyz0123456789',
    LAKESHORE_SEALING_KEY: '0123456789abcdefghijklmnopqrstuvwxyz',
  }
  expect(() => parse('a=file:///srv/drop', shared)).toThrow('the worker may run on another')
  expect(parse('a=file:///srv/drop', { ...shared, LAKESHORE_SHARED_FILES: 'true' })).toHaveLength(1)
})

it('A location that is refused creates no home', () => {
  expect(() => parse('a=file://$/home/x')).toThrow('Nothing was started')
  mkdirSync(path.join(folder, 'home'))
})
