import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  requireAzureBlob,
  requireGcsObject,
  requireLocalPath,
  rootLength,
  requireS3Object,
  equivalentLocations,
} from './location-gate'

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
    ['file:///lake/warehouse/k=..%2Fb', '/lake/warehouse/k=..%2Fb'],
    // The partition values `x/../y`, `x/..`, `./x`, `a\\..\\b`, `..`, `%2e%2e` and `/../../etc`, as writers encode
    // them.
    ['file:///lake/warehouse/p=x%2F..%2Fy/f', '/lake/warehouse/p=x%2F..%2Fy/f'],
    ['file:///lake/warehouse/p=x%2F../f', '/lake/warehouse/p=x%2F../f'],
    ['file:///lake/warehouse/p=.%2Fx/f', '/lake/warehouse/p=.%2Fx/f'],
    ['file:///lake/warehouse/p=a%5C..%5Cb/f', '/lake/warehouse/p=a%5C..%5Cb/f'],
    ['file:///lake/warehouse/p=../f', '/lake/warehouse/p=../f'],
    ['file:///lake/warehouse/p=%252e%252e/f', '/lake/warehouse/p=%252e%252e/f'],
    ['file:///lake/warehouse/p=%2F..%2F..%2Fetc/f', '/lake/warehouse/p=%2F..%2F..%2Fetc/f'],
  ])('accepts %s as %s', (location, path) => {
    expect(requireLocalPath(location, ROOTS)).toBe(path)
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
    'file:///lake/warehouse/..%2F..%2fetc',
    'file:///lake/warehouse/ ../t',
    'file:///lake/warehouse/%252e%252E/t',
    'file:///lake/warehouse/%25252e./t',
    'file:///lake/warehouse/..%252F..%252fetc',
    'file:///lake/warehouse/p=x/../../../etc/passwd',
    'file:///lake/warehouse/p=x/..',
    'file:///lake/warehouse/p=x/%2e%2e/t',
    'file:///lake/warehouse/p=%2e%2e/t',
    'file:///lake/warehouse/p=x\\..\\..\\etc',
    'file:///lake/warehouse/p=x\0/t',
    'file:///etc/p=x%2F..%2Fy',
    'file:///lake/warehouse/../p=x',
    'file:///lake/warehouse/a%2F..%5cb',
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
    'file:///lake/warehouse\\..\\..\\etc',
    's3://lake/warehouse/t',
  ])('refuses %j', (location) => {
    expect(() => requireLocalPath(location, ROOTS)).toThrow(expect.objectContaining({ code: 'location-refused' }))
  })

  test.each([
    ['file:///lake/warehouse/a\\b.parquet', 'a backslash', '"file:///lake/warehouse/a\\\\b.parquet"'],
    ['file:///lake/warehouse/a\tb.parquet', 'a control character', '"file:///lake/warehouse/a\\tb.parquet"'],
    ['file:///lake/warehouse/a\x7fb', 'a control character', '"file:///lake/warehouse/a\\u007fb"'],
    ['file:///lake/warehouse/%2e%2e', 'a dot that another program may take', '"file:///lake/warehouse/%2e%2e"'],
  ])('names %j with the reason, and says how it can be read', (location, reason, shown) => {
    const expected = {
      message: expect.stringMatching(new RegExp(`with ${reason}`)),
      facts: { location, hint: expect.stringContaining('another name') },
    }
    expect(() => requireLocalPath(location, ROOTS)).toThrow(expect.objectContaining(expected))
    expect(() => requireLocalPath(location, ROOTS)).toThrow(shown)
  })

  test('says of a location outside the roots what an admin can do', () => {
    expect(() => requireLocalPath('/etc/passwd', ROOTS)).toThrow(
      expect.objectContaining({
        message:
          'Lakeshore is not allowed to read this location. An admin can add it to the allowed locations of the connection if the server’s setting LAKESHORE_LOCAL_ROOTS allows the folder.',
        facts: { location: '/etc/passwd' },
      }),
    )
    expect(() => requireS3Object('s3://other/t', ['s3://lake'])).toThrow(
      expect.objectContaining({
        message:
          'Lakeshore is not allowed to read this location. An admin can add it to the allowed locations of the connection.',
      }),
    )
  })
})

describe('The location gate for objects', () => {
  const BUCKETS = ['s3://lake/warehouse', 's3a://whole/']

  test.each([
    ['s3://lake/warehouse/t/data/x.parquet', 'lake', 'warehouse/t/data/x.parquet'],
    ['s3a://lake/warehouse/t', 'lake', 'warehouse/t'],
    ['S3N://lake/warehouse/t', 'lake', 'warehouse/t'],
    ['s3://lake/warehouse', 'lake', 'warehouse'],
    ['s3://whole', 'whole', ''],
    ['s3://whole/anything', 'whole', 'anything'],
    // Empty segments are part of an object's name.
    ['s3://lake/warehouse//t/', 'lake', 'warehouse//t/'],
    ['s3://whole//x', 'whole', '/x'],
    ['s3://lake/warehouse/name=a%2Fb/%25.parquet', 'lake', 'warehouse/name=a%2Fb/%25.parquet'],
    ['s3://lake/warehouse/a b?c#d/é', 'lake', 'warehouse/a b?c#d/é'],
    ['s3://lake/warehouse/..a/b..', 'lake', 'warehouse/..a/b..'],
    ['s3://lake/warehouse/p=x%2F..%2Fy/f', 'lake', 'warehouse/p=x%2F..%2Fy/f'],
  ])('accepts %s as that object', (location, bucket, key) => {
    expect(requireS3Object(location, BUCKETS)).toEqual({ bucket, key })
  })

  test.each([
    's3://other/warehouse/t',
    's3://LAKE/warehouse/t',
    's3://lake/warehouse2/t',
    's3://lake/warehouse-t',
    's3://lake/Warehouse/t',
    's3://lake',
    's3://lake/',
    's3://lake//warehouse/t',
    's3://lake/warehouse/../secrets',
    's3://lake/warehouse/./t',
    's3://lake/warehouse/..',
    's3://lake/warehouse/.. ',
    's3://lake/warehouse/%2e%2E/t',
    's3://lake/warehouse/.%2e/t',
    's3://lake/warehouse/%252e%252e/t',
    's3://lake/warehouse/p=x/../../secrets',
    's3://lake/warehouse\\..\\secrets',
    's3://lake/warehouse/t\0',
    's3://lake/warehouse/t\r\n',
    's3://lake/warehouse/\uD800',
    's3://user:pass@lake/warehouse/t',
    's3://lake:443/warehouse/t',
    's3://lake@evil/warehouse/t',
    's3://lake?x/warehouse/t',
    's3://la..ke/warehouse/t',
    's3:///warehouse/t',
    's3:/lake/warehouse/t',
    's3:lake/warehouse/t',
    's3b://lake/warehouse/t',
    's4://lake/warehouse/t',
    'https://lake.s3.amazonaws.com/warehouse/t',
    'gs://lake/warehouse/t',
    'file:///lake/warehouse/t',
    '/lake/warehouse/t',
    'lake/warehouse/t',
    '',
  ])('refuses %j', (location) => {
    expect(() => requireS3Object(location, BUCKETS)).toThrow(expect.objectContaining({ code: 'location-refused' }))
  })

  test('accepts nothing that a URL parser would resolve to another object', () => {
    const segment = fc.oneof(
      fc.constantFrom(
        '.',
        '..',
        '%2e',
        '%2E.',
        '/',
        '//',
        '\\',
        '%2f',
        '%252e',
        '%252f',
        'p=',
        '%5c',
        'warehouse',
        't',
        '\t',
        '\0',
        '?',
        '#',
        '@',
        ':',
      ),
      fc.string({ maxLength: 3 }),
    )
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 8 }), (segments) => {
        const location = `s3://lake/warehouse/${segments.join('')}`
        if (rootLength(location, BUCKETS) === null) return
        const { bucket, key } = requireS3Object(location, BUCKETS)
        expect(bucket).toBe('lake')
        // Browsers read it like this: they treat backslashes as slashes and %2e as dots.
        const path = key.replaceAll('?', '%3F').replaceAll('#', '%23')
        expect(new URL(`http://host/${path}`).pathname.startsWith('/warehouse/')).toBe(true)
      }),
      { numRuns: 2000 },
    )
  })

  test('distinguishes files and objects of the same name', () => {
    expect(() => requireLocalPath('s3://lake/warehouse/t', ['s3://lake/warehouse'])).toThrow('may not use')
    expect(() => requireS3Object('file:///lake/warehouse/t', ['file:///lake/warehouse'])).toThrow('may not use')
    expect(rootLength('file:///lake/warehouse/t', ['s3://lake/warehouse'])).toBeNull()
  })

  test('distinguishes objects of one name in different stores', () => {
    const roots = ['s3://lake', 'gs://lake', 'abfss://lake@acme.dfs.core.windows.net']
    for (const location of roots) {
      const others = roots.filter((root) => root !== location)
      expect(rootLength(`${location}/t`, others)).toBeNull()
    }
    expect(() => requireS3Object('gs://lake/t', roots)).toThrow('may not use')
    expect(() => requireGcsObject('s3://lake/t', roots)).toThrow('may not use')
    expect(() => requireAzureBlob('gs://lake/t', roots)).toThrow('may not use')
  })

  test('returns how deep the root of a location is', () => {
    expect(rootLength('s3://lake/warehouse/t/x', ['s3://lake', 's3://lake/warehouse/t', 's3://lake/warehouse'])).toBe(
      11,
    )
    expect(rootLength('s3://lake/warehouse/t2', ['s3://lake', 's3://lake/warehouse/t'])).toBe(0)
    expect(rootLength('no location', ['s3://lake'])).toBeNull()
  })
})

describe('The location gate for Google’s objects', () => {
  const BUCKETS = ['gs://lake/warehouse', 'gs://whole.example.com']

  test.each([
    ['gs://lake/warehouse/t/name=a%2Fb/x.parquet', 'lake', 'warehouse/t/name=a%2Fb/x.parquet'],
    ['GS://lake/warehouse//t/', 'lake', 'warehouse//t/'],
    ['gs://whole.example.com', 'whole.example.com', ''],
    ['gs://whole.example.com/a?b#c', 'whole.example.com', 'a?b#c'],
  ])('accepts %s as that object', (location, bucket, key) => {
    expect(requireGcsObject(location, BUCKETS)).toEqual({ bucket, key })
  })

  test.each([
    'gs://other/warehouse/t',
    'gs://lake/warehouse-t',
    'gs://lake/warehouse/../secrets',
    'gs://lake/warehouse/%2e%2e/t',
    'gs://lake/warehouse\\..\\secrets',
    'gs://user@lake/warehouse/t',
    'gs://lake:443/warehouse/t',
    'gs:///warehouse/t',
    'gcs://lake/warehouse/t',
    'https://storage.googleapis.com/lake/warehouse/t',
  ])('refuses %j', (location) => {
    expect(() => requireGcsObject(location, BUCKETS)).toThrow(expect.objectContaining({ code: 'location-refused' }))
  })
})

describe('The location gate for Azure’s blobs', () => {
  const CONTAINERS = [
    'abfss://lake@acme.dfs.core.windows.net/warehouse',
    'wasb://whole@acme.blob.core.windows.net/',
    'abfss://lake@gov.dfs.core.usgovcloudapi.net',
  ]
  const blob = (container: string, key: string, account = 'acme', cloud = 'core.windows.net') => ({
    account,
    cloud,
    container,
    key,
  })

  test.each([
    ['abfss://lake@acme.dfs.core.windows.net/warehouse/t/x.parquet', blob('lake', 'warehouse/t/x.parquet')],
    ['abfs://lake@acme.dfs.core.windows.net/warehouse/t', blob('lake', 'warehouse/t')],
    ['wasbs://lake@acme.blob.core.windows.net/warehouse/t', blob('lake', 'warehouse/t')],
    ['wasb://lake@acme.dfs.core.windows.net/warehouse', blob('lake', 'warehouse')],
    ['ABFSS://lake@Acme.DFS.core.windows.net/warehouse/T', blob('lake', 'warehouse/T')],
    ['abfss://whole@acme.dfs.core.windows.net', blob('whole', '')],
    ['abfss://whole@acme.dfs.core.windows.net//x', blob('whole', '/x')],
    [
      'abfss://lake@acme.dfs.core.windows.net/warehouse/name=a%2Fb/a b?c#d',
      blob('lake', 'warehouse/name=a%2Fb/a b?c#d'),
    ],
    ['abfss://lake@gov.dfs.core.usgovcloudapi.net/t', blob('lake', 't', 'gov', 'core.usgovcloudapi.net')],
  ])('accepts %s as that blob', (location, expected) => {
    expect(requireAzureBlob(location, CONTAINERS)).toEqual(expected)
  })

  test.each([
    'abfss://lake@other.dfs.core.windows.net/warehouse/t',
    'abfss://other@acme.dfs.core.windows.net/warehouse/t',
    'abfss://LAKE@acme.dfs.core.windows.net/warehouse/t',
    'abfss://lake@acme.dfs.core.usgovcloudapi.net/warehouse/t',
    'abfss://lake@acme.dfs.core.windows.net/warehouse2/t',
    'abfss://lake@acme.dfs.core.windows.net/warehouse/../secrets',
    'abfss://lake@acme.dfs.core.windows.net/warehouse/.%2e/secrets',
    'abfss://lake@acme.dfs.core.windows.net/warehouse\\..\\secrets',
    'abfss://lake@acme.dfs.core.windows.net/warehouse/t\0',
    'abfss://lake@acme.dfs.core.windows.net.evil.com/warehouse/t',
    'abfss://lake@evil.com/warehouse/t',
    'abfss://lake@evil.com#.dfs.core.windows.net/warehouse/t',
    'abfss://lake@a.b.dfs.core.windows.net/warehouse/t',
    'abfss://lake@acme@evil.dfs.core.windows.net/warehouse/t',
    'abfss://lake@acme.dfs.core.windows.net:443/warehouse/t',
    'abfss://lake@acme.queue.core.windows.net/warehouse/t',
    'abfss://la--ke@acme.dfs.core.windows.net/warehouse/t',
    'abfss://la@acme.dfs.core.windows.net/warehouse/t',
    'abfss://lake/warehouse/t',
    'abfss://acme.dfs.core.windows.net/lake/warehouse/t',
    'az://lake/warehouse/t',
    'https://acme.blob.core.windows.net/lake/warehouse/t',
  ])('refuses %j', (location) => {
    expect(() => requireAzureBlob(location, CONTAINERS)).toThrow(expect.objectContaining({ code: 'location-refused' }))
  })
})

test('All spellings of a location are equivalent', () => {
  const files = ['file:///lake/t', 'file:/lake/t', '/lake/t']
  for (const location of [...files, 'FILE:///lake//t/']) expect(equivalentLocations(location)).toEqual(files)
  const objects = ['s3://lake/t', 's3a://lake/t', 's3n://lake/t']
  for (const location of [...objects, 's3a://lake/t/']) expect(equivalentLocations(location)).toEqual(objects)
  expect(equivalentLocations('s3://lake')).toEqual(['s3://lake', 's3a://lake', 's3n://lake'])
  expect(equivalentLocations('GS://lake/t/')).toEqual(['gs://lake/t'])
  expect(equivalentLocations('wasb://lake@acme.blob.core.windows.net/t/')).toEqual([
    'abfss://lake@acme.dfs.core.windows.net/t',
    'abfs://lake@acme.dfs.core.windows.net/t',
    'wasbs://lake@acme.dfs.core.windows.net/t',
    'wasb://lake@acme.dfs.core.windows.net/t',
    'abfss://lake@acme.blob.core.windows.net/t',
    'abfs://lake@acme.blob.core.windows.net/t',
    'wasbs://lake@acme.blob.core.windows.net/t',
    'wasb://lake@acme.blob.core.windows.net/t',
  ])
  expect(equivalentLocations('az://lake/t')).toEqual(['az://lake/t'])
})
