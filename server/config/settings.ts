import 'server-only'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import * as z from 'zod'
import { PASSWORD_CHARS } from '@/lib/contract/shapes/plain-values'
import { ConfigError } from './config-error'
import { loadHostsSchema } from './load-hosts'
import { loadLocationsSchema } from './load-locations'
import { findOidcProblem, OIDC_SETTINGS, oidcFields } from './oidc-settings'
import { parseLocation } from '@/server/locations/location-gate'

/**
 * The settings as they are given, each checked on its own. No other code reads `process.env`; every setting is
 * described in `.env.example`. A secret can come from a file instead (`…_FILE`), as containers provide them.
 */

const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Names of the settings, for `.env.example` and its test. */
export const SETTINGS = [
  'LAKESHORE_HOME',
  'LAKESHORE_DATABASE_URL',
  'LAKESHORE_DATABASE_URL_FILE',
  'LAKESHORE_DATABASE_SCHEMA',
  'LAKESHORE_DATABASE_POOL_SIZE',
  'LAKESHORE_DATABASE_TIMEOUT_SECONDS',
  'LAKESHORE_SHARED_FILES',
  'LAKESHORE_HOST',
  'LAKESHORE_PORT',
  'LAKESHORE_WEB_PROCESSES',
  'LAKESHORE_PUBLIC_URL',
  'LAKESHORE_BEHIND_PROXY',
  'LAKESHORE_CATALOG_NAME',
  'LAKESHORE_WAREHOUSE',
  'LAKESHORE_S3_ENDPOINT',
  'LAKESHORE_S3_REGION',
  'LAKESHORE_S3_PATH_STYLE',
  'LAKESHORE_S3_ACCESS_KEY_ID',
  'LAKESHORE_S3_SECRET_ACCESS_KEY',
  'LAKESHORE_S3_SECRET_ACCESS_KEY_FILE',
  'LAKESHORE_S3_SESSION_TOKEN',
  'LAKESHORE_ADMIN_PASSWORD',
  'LAKESHORE_ADMIN_PASSWORD_FILE',
  'LAKESHORE_SECRET',
  'LAKESHORE_SECRET_FILE',
  'LAKESHORE_SEALING_KEY',
  'LAKESHORE_SEALING_KEY_FILE',
  'LAKESHORE_LOCAL_ROOTS',
  'LAKESHORE_QUERY_PROCESSES',
  'LAKESHORE_QUERY_MEMORY_MIB',
  'LAKESHORE_QUERY_DISK_MIB',
  'LAKESHORE_QUERY_THREADS',
  'LAKESHORE_QUERY_SECONDS',
  'LAKESHORE_STORAGE_PRICE',
  'LAKESHORE_SESSION_HOURS',
  'LAKESHORE_UNDROP_HOURS',
  'LAKESHORE_FACT_COMMIT_DAYS',
  'LAKESHORE_FACT_HOUR_DAYS',
  'LAKESHORE_MAX_UPLOAD_BYTES',
  'LAKESHORE_USER_UPLOAD_BYTES',
  'LAKESHORE_UPLOAD_HOURS',
  'LAKESHORE_LOAD_LOCATIONS',
  'LAKESHORE_LOAD_HOSTS',
  'LAKESHORE_LOAD_PRIVATE_HOSTS',
  'LAKESHORE_AUDIT_WEBHOOK_URL',
  'LAKESHORE_AUDIT_WEBHOOK_TOKEN',
  'LAKESHORE_AUDIT_WEBHOOK_TOKEN_FILE',
  'LAKESHORE_AUDIT_WEBHOOK_SECRET',
  'LAKESHORE_AUDIT_WEBHOOK_SECRET_FILE',
  'LAKESHORE_AUDIT_SYSLOG_URL',
  'LAKESHORE_AUDIT_SYSLOG_CA_FILE',
  'LAKESHORE_LOG_LEVEL',
  ...OIDC_SETTINGS,
] as const
export type SettingName = (typeof SETTINGS)[number]

export function readEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env') // variables that are already set win
  return process.env
}

/** Settings that can come from a file, named by `…_FILE`. */
const SETTINGS_FROM_FILES = [
  'LAKESHORE_DATABASE_URL',
  'LAKESHORE_ADMIN_PASSWORD',
  'LAKESHORE_SECRET',
  'LAKESHORE_SEALING_KEY',
  'LAKESHORE_S3_SECRET_ACCESS_KEY',
  'LAKESHORE_OIDC_CLIENT_SECRET',
  'LAKESHORE_AUDIT_WEBHOOK_TOKEN',
  'LAKESHORE_AUDIT_WEBHOOK_SECRET',
] as const

export type Environment = Readonly<Record<string, string | undefined>>

/** @throws {ConfigError} naming each invalid setting with the reason */
export function parseSettings(environment: Environment): Settings {
  const values = Object.fromEntries(SETTINGS.map((name) => [name, environment[name] || undefined]))
  for (const name of SETTINGS_FROM_FILES) {
    values[name] = readValueOrFile(name, values[name], values[`${name}_FILE`])
  }
  const result = settingsSchema.safeParse(values)
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError(`These settings are not valid:\n${lines.map((line) => `  ${line}`).join('\n')}`)
  }
  const oidcProblem = findOidcProblem(result.data)
  if (oidcProblem !== null) throw new ConfigError(oidcProblem)
  return result.data
}

const MIN_SECRET_CHARS = 32
/** 16 TiB. */
const MAX_UPLOAD_SETTING_BYTES = 2 ** 44

export type Settings = z.output<typeof settingsSchema>

const settingsSchema = z.object({
  LAKESHORE_HOME: z.string().default('.lakeshore'),
  LAKESHORE_DATABASE_URL: z
    .string()
    .refine(
      (url) => /^postgres(ql)?:\/\/[^/]/.test(url) && URL.canParse(url),
      'must be postgres://user:password@host:port/database',
    )
    .optional(),
  LAKESHORE_DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be 1 to 63 lower-case letters, digits and _, and start with a letter or _')
    .default('lakeshore'),
  LAKESHORE_DATABASE_POOL_SIZE: integerSchema(2, 200).default(10),
  LAKESHORE_DATABASE_TIMEOUT_SECONDS: integerSchema(1, 300).default(10),
  LAKESHORE_SHARED_FILES: booleanSchema().default(false),
  LAKESHORE_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'must be a host name or an IP address, such as 127.0.0.1')
    .default('127.0.0.1'),
  LAKESHORE_PORT: integerSchema(1, 65_535).default(3000),
  LAKESHORE_WEB_PROCESSES: integerSchema(1, 64).default(1),
  LAKESHORE_PUBLIC_URL: z
    .url({ protocol: /^https?$/, message: 'must be a URL with http:// or https://' })
    .refine(
      (url) => URL.canParse(url) && new URL(url).pathname === '/',
      'must have no path, because Lakeshore is served at the root',
    )
    .transform((url) => new URL(url).origin)
    .optional(),
  LAKESHORE_BEHIND_PROXY: booleanSchema().optional(),
  LAKESHORE_CATALOG_NAME: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
      'must be 1 to 64 letters, digits, _ and -, and start with a letter or a digit',
    )
    .optional(),
  LAKESHORE_WAREHOUSE: z.string().transform(toWarehouseLocation).optional(),
  LAKESHORE_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, message: 'must be a URL with http:// or https://' })
    .refine((url) => {
      const { username, password, search, hash } = URL.parse(url) ?? { username: '?' }
      return `${username}${password}${search}${hash}` === ''
    }, 'must be a URL without keys, which have their own settings')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  LAKESHORE_S3_REGION: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be a region such as eu-central-1')
    .default('us-east-1'),
  LAKESHORE_S3_PATH_STYLE: booleanSchema().optional(),
  LAKESHORE_S3_ACCESS_KEY_ID: z.string().optional(),
  LAKESHORE_S3_SECRET_ACCESS_KEY: z.string().optional(),
  LAKESHORE_S3_SESSION_TOKEN: z.string().optional(),
  LAKESHORE_ADMIN_PASSWORD: z
    .string()
    .min(PASSWORD_CHARS.min, `must have at least ${PASSWORD_CHARS.min} characters`)
    .max(PASSWORD_CHARS.max, `must have at most ${PASSWORD_CHARS.max} characters`)
    .optional(),
  LAKESHORE_SECRET: secretSchema().optional(),
  LAKESHORE_SEALING_KEY: secretSchema().optional(),
  LAKESHORE_LOCAL_ROOTS: z
    .string()
    .default('')
    .transform((text) =>
      text
        .split(',')
        .map((entry) => entry.trim())
        .filter((entry) => entry !== ''),
    )
    .refine(
      (entries) => entries.every((entry) => /^(file:\/\/)?\/+[^/]/.test(entry)),
      'must list folders as absolute paths',
    )
    .transform((entries) => entries.map((entry) => `file://${path.resolve(entry.replace(/^file:\/\//, ''))}`)),
  LAKESHORE_QUERY_PROCESSES: integerSchema(0, 64).default(2),
  LAKESHORE_QUERY_MEMORY_MIB: integerSchema(128, 1_048_576).default(1024),
  LAKESHORE_QUERY_DISK_MIB: integerSchema(0, 16_777_216).default(8192),
  LAKESHORE_QUERY_THREADS: integerSchema(1, 256).default(2),
  LAKESHORE_QUERY_SECONDS: integerSchema(1, 86_400).default(300),
  LAKESHORE_STORAGE_PRICE: z
    .string()
    .transform((text, context) => {
      const [, amount = '', currency = ''] = /^(\d{1,6}(?:\.\d{1,4})?) ([A-Z]{3})$/.exec(text) ?? []
      if (Number(amount) > 0 && Intl.supportedValuesOf('currency').includes(currency)) {
        return { perTbMonth: Number(amount), currency }
      }
      context.addIssue({ code: 'custom', message: 'must be the price of a TB a month with its currency: 23 USD' })
      return z.NEVER
    })
    .optional(),
  LAKESHORE_SESSION_HOURS: integerSchema(1, 12).default(12),
  LAKESHORE_UNDROP_HOURS: integerSchema(0, 8760).default(168),
  LAKESHORE_FACT_COMMIT_DAYS: integerSchema(1, 3650).default(90),
  LAKESHORE_FACT_HOUR_DAYS: integerSchema(1, 3650).default(730),
  LAKESHORE_MAX_UPLOAD_BYTES: integerSchema(1, MAX_UPLOAD_SETTING_BYTES).default(50 * 2 ** 30),
  LAKESHORE_USER_UPLOAD_BYTES: integerSchema(1, MAX_UPLOAD_SETTING_BYTES).default(200 * 2 ** 30),
  LAKESHORE_UPLOAD_HOURS: integerSchema(1, 720).default(24),
  LAKESHORE_LOAD_LOCATIONS: loadLocationsSchema(),
  LAKESHORE_LOAD_HOSTS: loadHostsSchema({ isPrivate: false }),
  LAKESHORE_LOAD_PRIVATE_HOSTS: loadHostsSchema({ isPrivate: true }),
  LAKESHORE_AUDIT_WEBHOOK_URL: z
    .string()
    .refine(isWebhookUrl, 'must be an https:// URL without a user; http:// only for this machine')
    .optional(),
  LAKESHORE_AUDIT_WEBHOOK_TOKEN: z
    .string()
    .regex(/^[!-~]{8,4096}$/, 'must be 8 to 4096 visible ASCII characters')
    .optional(),
  LAKESHORE_AUDIT_WEBHOOK_SECRET: secretSchema().optional(),
  LAKESHORE_AUDIT_SYSLOG_URL: z
    .string()
    .regex(
      /^(tls|tcp|udp):\/\/([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?$/,
      'must be such as tls://siem.example.com:6514',
    )
    .refine(URL.canParse, 'must be such as tls://siem.example.com:6514')
    .optional(),
  LAKESHORE_AUDIT_SYSLOG_CA_FILE: z.string().optional(),
  LAKESHORE_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }).default('info'),
  ...oidcFields,
})

function secretSchema() {
  return z
    .string()
    .min(
      MIN_SECRET_CHARS,
      `must have at least ${MIN_SECRET_CHARS} characters; generate one with: openssl rand -base64 48`,
    )
    .refine((secret) => new Set(secret).size >= 10, 'is too easy to guess: it repeats few characters')
}

/** Entries of the audit do not cross a network unencrypted. */
function isWebhookUrl(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname))
  )
}

function booleanSchema() {
  return z.enum(['true', 'false'], { error: 'must be true or false' }).transform((text) => text === 'true')
}

function integerSchema(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`)
}

/** Converts a path or a location to a location without a trailing slash. */
function toWarehouseLocation(text: string, context: z.RefinementCtx): string {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(text) ?? []
  if (scheme === undefined) return `file://${path.resolve(text)}`
  if (scheme.toLowerCase() === 'file' && rest.startsWith('///')) return `file://${path.resolve(rest.slice(2))}`
  const location = text.replace(/\/+$/, '')
  if (scheme === 's3' && parseLocation(location)?.scheme === 's3' && !rest.slice(2).includes('//')) return location
  context.addIssue({ code: 'custom', message: 'must be a path, a file:/// location or s3://bucket/prefix' })
  return z.NEVER
}

function readValueOrFile(name: string, value: string | undefined, file: string | undefined): string | undefined {
  if (file === undefined) return value
  if (value !== undefined) throw new ConfigError(`${name} and ${name}_FILE are both set. Set only one of them`)
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new ConfigError(`${name}_FILE: ${file} cannot be read`, { cause })
  }
}
