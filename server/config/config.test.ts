import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { parseConfig } from './config'
import { SETTINGS } from './settings'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'lakeshore-config-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const parse = (environment: Record<string, string> = {}) =>
  parseConfig({ LAKESHORE_HOME: path.join(folder, 'home'), ...environment })

it('The configuration has a default for every setting', () => {
  expect(parse()).toMatchObject({
    homeDir: path.join(folder, 'home'),
    databaseFile: path.join(folder, 'home', 'lakeshore.db'),
    warehouse: `file://${folder}/home/warehouse`,
    catalogName: 'local',
    host: '127.0.0.1',
    port: 3000,
    webProcesses: 1,
    publicUrl: 'http://127.0.0.1:3000',
    adminPassword: null,
    localRoots: [],
    storagePrice: null,
    sessionHours: 12,
    auditReceivers: { webhook: null, syslog: null },
    logLevel: 'info',
  })
})

it.each([
  ['LAKESHORE_PORT', '70000'],
  ['LAKESHORE_PORT', '3e3'],
  ['LAKESHORE_HOST', 'a host'],
  ['LAKESHORE_PUBLIC_URL', 'ftp://lake.example'],
  ['LAKESHORE_PUBLIC_URL', 'https://lake.example/console'],
  ['LAKESHORE_CATALOG_NAME', '../up'],
  ['LAKESHORE_WAREHOUSE', 's3://bucket/../lake'],
  ['LAKESHORE_WAREHOUSE', 's3://bucket//lake'],
  ['LAKESHORE_WAREHOUSE', 's3a://bucket/lake'],
  ['LAKESHORE_WAREHOUSE', 's3://'],
  ['LAKESHORE_WAREHOUSE', 's3://bucket/100%'],
  ['LAKESHORE_WAREHOUSE', 'gs://bucket/lake'],
  ['LAKESHORE_S3_ENDPOINT', 'minio:9000'],
  ['LAKESHORE_S3_ENDPOINT', 'https://key:secret@minio'],
  ['LAKESHORE_S3_REGION', 'eu central'],
  ['LAKESHORE_S3_PATH_STYLE', 'maybe'],
  ['LAKESHORE_BEHIND_PROXY', 'maybe'],
  ['LAKESHORE_AUDIT_WEBHOOK_URL', 'http://siem.example/in'],
  ['LAKESHORE_AUDIT_WEBHOOK_URL', 'https://key@siem.example/in'],
  ['LAKESHORE_AUDIT_WEBHOOK_URL', 'ftp://127.0.0.1/in'],
  ['LAKESHORE_AUDIT_WEBHOOK_TOKEN', 'with a space'],
  ['LAKESHORE_AUDIT_SYSLOG_URL', 'siem.example:514'],
  ['LAKESHORE_AUDIT_SYSLOG_URL', 'tls://siem.example:99999'],
  ['LAKESHORE_AUDIT_SYSLOG_URL', 'tls://siem.example/path'],
  ['LAKESHORE_AUDIT_SYSLOG_URL', 'tcp://169.254.1.1:601'],
  ['LAKESHORE_AUDIT_SYSLOG_URL', 'tls://[fe80::1]'],
  ['LAKESHORE_AUDIT_SYSLOG_URL', 'udp://0xa9fea9fe'],
  ['LAKESHORE_AUDIT_SYSLOG_URL', 'udp://999.1.1.1'],
  ['LAKESHORE_AUDIT_WEBHOOK_URL', 'https://[::ffff:169.254.169.254]/in'],
  ['LAKESHORE_S3_SECRET_ACCESS_KEY_FILE', '/not/there'],
  ['LAKESHORE_WAREHOUSE', 'file://host/lake'],
  ['LAKESHORE_WAREHOUSE', '/lake/100%'],
  ['LAKESHORE_ADMIN_PASSWORD', 'short'],
  ['LAKESHORE_ADMIN_PASSWORD_FILE', '/not/there'],
  ['LAKESHORE_SECRET', 'changeme'],
  ['LAKESHORE_SECRET', 'a'.repeat(64)],
  ['LAKESHORE_SECRET_FILE', '/not/there'],
  ['LAKESHORE_SEALING_KEY', 'changeme'],
  ['LAKESHORE_SEALING_KEY_FILE', '/not/there'],
  ['LAKESHORE_LOCAL_ROOTS', 's3://bucket/lake'],
  ['LAKESHORE_LOCAL_ROOTS', '/srv/tables,/'],
  ['LAKESHORE_QUERY_PROCESSES', '65'],
  ['LAKESHORE_QUERY_MEMORY_MIB', '1'],
  ['LAKESHORE_QUERY_SECONDS', '0'],
  ['LAKESHORE_STORAGE_PRICE', '23'],
  ['LAKESHORE_STORAGE_PRICE', '0 USD'],
  ['LAKESHORE_STORAGE_PRICE', '23 XYZ'],
  ['LAKESHORE_SESSION_HOURS', '13'],
  ['LAKESHORE_UNDROP_HOURS', '9000'],
  ['LAKESHORE_FACT_COMMIT_DAYS', '0'],
  ['LAKESHORE_FACT_HOUR_DAYS', '3651'],
  ['LAKESHORE_MAX_UPLOAD_BYTES', '0'],
  ['LAKESHORE_MAX_UPLOAD_BYTES', '50 GiB'],
  ['LAKESHORE_MAX_UPLOAD_BYTES', '17592186044417'],
  ['LAKESHORE_USER_UPLOAD_BYTES', '0'],
  ['LAKESHORE_UPLOAD_HOURS', '0'],
  ['LAKESHORE_LOG_LEVEL', 'loud'],
])('The configuration names %s when its value is not valid (%s)', (name, value) => {
  expect(() => parse({ [name]: value })).toThrow(name)
})

it('The configuration has the price of storage', () => {
  expect(parse({ LAKESHORE_STORAGE_PRICE: '21.99 EUR' }).storagePrice).toEqual({ perTbMonth: 21.99, currency: 'EUR' })
})

it('The configuration has the receivers of the audit', () => {
  const { auditReceivers } = parse({
    LAKESHORE_AUDIT_WEBHOOK_URL: 'https://siem.example/in',
    LAKESHORE_AUDIT_WEBHOOK_TOKEN: 'a-long-token',
    LAKESHORE_AUDIT_SYSLOG_URL: 'tls://[::1]',
  })
  expect(auditReceivers).toEqual({
    webhook: { url: new URL('https://siem.example/in'), token: 'a-long-token', secret: null },
    syslog: { protocol: 'tls', host: '::1', port: 6514, ca: null },
  })
  expect(() => parse({ LAKESHORE_AUDIT_WEBHOOK_TOKEN: 'a-long-token' })).toThrow('LAKESHORE_AUDIT_WEBHOOK_URL')
})

it('The configuration does not repeat a secret that it refuses', () => {
  expect(() => parse({ LAKESHORE_SECRET: 'hunter2' })).toThrow(expect.not.stringContaining('hunter2'))
})

it('The configuration treats an empty value as not set, so that an empty secret is never used', () => {
  const { secret } = parse({ LAKESHORE_SECRET: '', LAKESHORE_PORT: '' })
  expect(secret.length).toBeGreaterThanOrEqual(64)
})

it('The configuration reads a secret from a file', () => {
  const file = path.join(folder, 'secret')
  const secret = 'a-secret-from-a-file-0123456789-abcdef'
  writeFileSync(file, `${secret}\n`)
  expect(parse({ LAKESHORE_SECRET_FILE: file }).secret).toBe(secret)
})

it('The configuration generates a secret once, readable by its owner only', () => {
  const first = parse().secret
  expect(parse().secret).toBe(first)
  expect(statSync(path.join(folder, 'home', 'secrets', 'secret')).mode & 0o777).toBe(0o600)
})

it('The configuration generates a sealing key of its own, once, readable by its owner only', () => {
  const { sealingKey, secret } = parse()
  expect(parse().sealingKey).toBe(sealingKey)
  expect(sealingKey).not.toBe(secret)
  expect(statSync(path.join(folder, 'home', 'secrets', 'sealing-key')).mode & 0o777).toBe(0o600)
})

it('The configuration accepts folders for connections as paths or as locations', () => {
  expect(parse({ LAKESHORE_LOCAL_ROOTS: '/srv/tables/, file:///mnt/archive' }).localRoots).toEqual([
    'file:///srv/tables',
    'file:///mnt/archive',
  ])
})

it('The configuration keeps the catalog name of the first start and refuses another one later', () => {
  expect(parse({ LAKESHORE_CATALOG_NAME: 'prod' }).catalogName).toBe('prod')
  expect(parse().catalogName).toBe('prod')
  expect(() => parse({ LAKESHORE_CATALOG_NAME: 'test' })).toThrow(/LAKESHORE_CATALOG_NAME.*"prod"/)
})

it('The configuration accepts a warehouse as a path or as a location', () => {
  expect(parse({ LAKESHORE_WAREHOUSE: '/srv/lake/' }).warehouse).toBe('file:///srv/lake')
  expect(parse({ LAKESHORE_WAREHOUSE: 'file:///srv/a/../lake' }).warehouse).toBe('file:///srv/lake')
})

it('The configuration uses AWS’s own endpoint and keys for a warehouse on S3 unless others are set', () => {
  const LAKESHORE_WAREHOUSE = 's3://lake/wh/'
  expect(parse({ LAKESHORE_WAREHOUSE })).toMatchObject({
    warehouse: 's3://lake/wh',
    storage: {
      kind: 's3',
      roots: ['s3://lake/wh'],
      endpoint: null,
      region: 'us-east-1',
      isPathStyle: false,
      credentials: { kind: 'chain' },
    },
  })
  const settings = {
    LAKESHORE_WAREHOUSE,
    LAKESHORE_S3_ENDPOINT: 'http://127.0.0.1:9000/',
    LAKESHORE_S3_REGION: 'eu-central-1',
    LAKESHORE_S3_ACCESS_KEY_ID: 'id',
    LAKESHORE_S3_SECRET_ACCESS_KEY: 'key',
    LAKESHORE_S3_SESSION_TOKEN: 'token',
  }
  expect(parse(settings).storage).toEqual({
    kind: 's3',
    roots: ['s3://lake/wh'],
    endpoint: 'http://127.0.0.1:9000',
    region: 'eu-central-1',
    isPathStyle: true,
    credentials: { kind: 'keys', accessKeyId: 'id', secretAccessKey: 'key', sessionToken: 'token' },
  })
  expect(parse({ ...settings, LAKESHORE_S3_PATH_STYLE: 'false' }).storage).toMatchObject({ isPathStyle: false })
  expect(parse().storage).toEqual({ kind: 'local', roots: [`file://${folder}/home/warehouse`] })
})

it('The configuration trusts a proxy’s headers only when there is a proxy', () => {
  expect(parse().isBehindProxy).toBe(false)
  expect(parse({ LAKESHORE_PUBLIC_URL: 'http://lake.example:3000' }).isBehindProxy).toBe(false)
  expect(parse({ LAKESHORE_PUBLIC_URL: 'https://lake.example' }).isBehindProxy).toBe(true)
  const https = { LAKESHORE_PUBLIC_URL: 'https://lake.example' }
  expect(parse({ ...https, LAKESHORE_BEHIND_PROXY: 'false' }).isBehindProxy).toBe(false)
  expect(parse({ LAKESHORE_BEHIND_PROXY: 'true' }).isBehindProxy).toBe(true)
})

it('The configuration requires both S3 keys or none', () => {
  const s3 = { LAKESHORE_WAREHOUSE: 's3://lake' }
  expect(() => parse({ ...s3, LAKESHORE_S3_ACCESS_KEY_ID: 'id' })).toThrow('LAKESHORE_S3_SECRET_ACCESS_KEY')
  expect(() => parse({ ...s3, LAKESHORE_S3_SECRET_ACCESS_KEY: 'hunter2' })).toThrow(
    expect.not.stringContaining('hunter2'),
  )
  expect(() => parse({ ...s3, LAKESHORE_S3_SESSION_TOKEN: 'token' })).toThrow('LAKESHORE_S3_ACCESS_KEY_ID')
})

const SHARED = {
  LAKESHORE_DATABASE_URL: 'postgres://lakeshore:word@db.example.com/lakeshore',
  LAKESHORE_SECRET: 'a-secret-of-many-different-characters-0',
  LAKESHORE_SEALING_KEY: 'a-sealing-key-of-different-characters-1',
  LAKESHORE_SHARED_FILES: 'true',
}

it('The configuration accepts a database for many machines with shared secrets and files', () => {
  expect(parse(SHARED)).toMatchObject({ hasSharedFiles: true, warehouse: `file://${folder}/home/warehouse` })
  const inBucket = { ...SHARED, LAKESHORE_SHARED_FILES: '', LAKESHORE_WAREHOUSE: 's3://lake/wh' }
  expect(parse(inBucket)).toMatchObject({ hasSharedFiles: false })
  expect(parse()).toMatchObject({ postgres: null, hasSharedFiles: true })
})

it.each([
  ['LAKESHORE_SECRET', /^ {2}LAKESHORE_SECRET is not set, .* openssl rand -base64 48, and give the same/m],
  ['LAKESHORE_SEALING_KEY', /^ {2}LAKESHORE_SEALING_KEY is not set, .* openssl rand -base64 48, and give the same/m],
  ['LAKESHORE_SHARED_FILES', /^ {2}LAKESHORE_WAREHOUSE: .* s3:\/\/bucket\/prefix, or set LAKESHORE_SHARED_FILES=true/m],
])('The configuration creates nothing for a database of many machines without %s', (name, words) => {
  expect(() => parse({ ...SHARED, [name]: '' })).toThrow(words)
  expect(existsSync(path.join(folder, 'home'))).toBe(false)
})

it('The configuration names all settings that machines would not share at once', () => {
  const { LAKESHORE_DATABASE_URL } = SHARED
  expect(() => parse({ LAKESHORE_DATABASE_URL })).toThrow(
    /LAKESHORE_SECRET .*\n.*LAKESHORE_SEALING_KEY .*\n.*WAREHOUSE/,
  )
})

it.each(['0', '65', '-1', '1.5', 'two', '1e1'])(
  'The configuration refuses %j web processes',
  (LAKESHORE_WEB_PROCESSES) => {
    expect(() => parse({ LAKESHORE_WEB_PROCESSES })).toThrow(
      'LAKESHORE_WEB_PROCESSES: must be a whole number from 1 to 64',
    )
  },
)

it('The configuration describes every setting in .env.example, and no other', () => {
  const documented = [...readFileSync('.env.example', 'utf8').matchAll(/^#?([A-Z0-9_]+)=/gm)].map(([, name]) => name)
  expect(new Set(documented)).toEqual(new Set(SETTINGS))
  expect(documented).toHaveLength(SETTINGS.length)
})
