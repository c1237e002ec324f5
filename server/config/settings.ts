import 'server-only'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { z } from 'zod'
import { PASSWORD_LENGTH } from '@/lib/contract/session'
import { ConfigError } from './config-error'
import { parseLocation } from '@/server/storage/location-gate'

/**
 * The settings as somebody gives them, each judged by itself. Nobody else reads `process.env`; every setting is
 * described in `.env.example`. A secret may come from a file instead (`…_FILE`), as containers hand them in.
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
  'LAKESHORE_SESSION_HOURS',
  'LAKESHORE_LOG_LEVEL',
] as const
export type SettingName = (typeof SETTINGS)[number]

export function readEnvironment(): Environment {
  if (existsSync('.env')) process.loadEnvFile('.env') // what the environment sets already wins
  return process.env
}

/** Settings that may come from a file, named by `…_FILE`. */
const SETTINGS_FROM_FILES = [
  'LAKESHORE_DATABASE_URL',
  'LAKESHORE_ADMIN_PASSWORD',
  'LAKESHORE_SECRET',
  'LAKESHORE_SEALING_KEY',
  'LAKESHORE_S3_SECRET_ACCESS_KEY',
] as const

export type Environment = Readonly<Record<string, string | undefined>>

/** @throws {ConfigError} naming each setting that cannot be used, and why */
export function parseSettings(environment: Environment): Settings {
  const values = Object.fromEntries(SETTINGS.map((name) => [name, environment[name] || undefined]))
  for (const name of SETTINGS_FROM_FILES) {
    values[name] = readValueOrFile(name, values[name], values[`${name}_FILE`])
  }
  const result = settingsSchema.safeParse(values)
  if (!result.success) {
    const lines = result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new ConfigError(`These settings cannot be used:\n${lines.map((line) => `  ${line}`).join('\n')}`)
  }
  return result.data
}

const MIN_SECRET_CHARS = 32

export type Settings = z.output<typeof settingsSchema>

const settingsSchema = z.object({
  LAKESHORE_HOME: z.string().default('.lakeshore'),
  LAKESHORE_DATABASE_URL: z
    .string()
    .refine(
      (url) => /^postgres(ql)?:\/\/[^/]/.test(url) && URL.canParse(url),
      'is postgres://user:password@host:port/database',
    )
    .optional(),
  LAKESHORE_DATABASE_SCHEMA: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'is 1 to 63 small letters, digits and _, and starts with a letter or _')
    .default('lakeshore'),
  LAKESHORE_DATABASE_POOL_SIZE: integerSchema(2, 200).default(10),
  LAKESHORE_DATABASE_TIMEOUT_SECONDS: integerSchema(1, 300).default(10),
  LAKESHORE_SHARED_FILES: booleanSchema().default(false),
  LAKESHORE_HOST: z
    .string()
    .regex(/^[A-Za-z0-9.:-]+$/, 'is a host name or an address, such as 127.0.0.1')
    .default('127.0.0.1'),
  LAKESHORE_PORT: integerSchema(1, 65_535).default(3000),
  LAKESHORE_WEB_PROCESSES: integerSchema(1, 64).default(1),
  LAKESHORE_PUBLIC_URL: z
    .url({ protocol: /^https?$/, message: 'is an address with http:// or https://' })
    .refine((url) => URL.canParse(url) && new URL(url).pathname === '/', 'has no path: Lakeshore is served at the root')
    .transform((url) => new URL(url).origin)
    .optional(),
  LAKESHORE_BEHIND_PROXY: booleanSchema().optional(),
  LAKESHORE_CATALOG_NAME: z
    .string()
    .regex(
      /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
      'is 1 to 64 letters, digits, _ and -, and starts with a letter or a digit',
    )
    .optional(),
  LAKESHORE_WAREHOUSE: z.string().transform(toWarehouseLocation).optional(),
  LAKESHORE_S3_ENDPOINT: z
    .url({ protocol: /^https?$/, message: 'is an address with http:// or https://' })
    .refine((url) => {
      const { username, password, search, hash } = URL.parse(url) ?? { username: '?' }
      return `${username}${password}${search}${hash}` === ''
    }, 'is an address alone: keys have settings of their own')
    .transform((url) => url.replace(/\/+$/, ''))
    .optional(),
  LAKESHORE_S3_REGION: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is a region such as eu-central-1')
    .default('us-east-1'),
  LAKESHORE_S3_PATH_STYLE: booleanSchema().optional(),
  LAKESHORE_S3_ACCESS_KEY_ID: z.string().optional(),
  LAKESHORE_S3_SECRET_ACCESS_KEY: z.string().optional(),
  LAKESHORE_S3_SESSION_TOKEN: z.string().optional(),
  LAKESHORE_ADMIN_PASSWORD: z
    .string()
    .min(PASSWORD_LENGTH.min, `has at least ${PASSWORD_LENGTH.min} characters`)
    .max(PASSWORD_LENGTH.max, `has at most ${PASSWORD_LENGTH.max} characters`)
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
      'names folders as absolute paths',
    )
    .transform((entries) => entries.map((entry) => `file://${path.resolve(entry.replace(/^file:\/\//, ''))}`)),
  LAKESHORE_SESSION_HOURS: integerSchema(1, 12).default(12),
  LAKESHORE_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `is one of ${LOG_LEVELS.join(', ')}` }).default('info'),
})

function secretSchema() {
  return z
    .string()
    .min(MIN_SECRET_CHARS, `has at least ${MIN_SECRET_CHARS} characters; make one with: openssl rand -base64 48`)
    .refine((secret) => new Set(secret).size >= 10, 'is too easy to guess: it repeats few characters')
}

function booleanSchema() {
  return z.enum(['true', 'false'], { error: 'is true or false' }).transform((text) => text === 'true')
}

function integerSchema(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, `is a whole number from ${min} to ${max}`)
    .transform(Number)
    .refine((value) => value >= min && value <= max, `is a whole number from ${min} to ${max}`)
}

/** A path or a location, to a location without a slash at the end. */
function toWarehouseLocation(text: string, context: z.RefinementCtx): string {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):(.*)$/i.exec(text) ?? []
  if (scheme === undefined) return `file://${path.resolve(text)}`
  if (scheme.toLowerCase() === 'file' && rest.startsWith('///')) return `file://${path.resolve(rest.slice(2))}`
  const location = text.replace(/\/+$/, '')
  if (scheme === 's3' && parseLocation(location)?.scheme === 's3' && !rest.slice(2).includes('//')) return location
  context.addIssue({ code: 'custom', message: 'is a path, a file:/// location or s3://bucket/prefix' })
  return z.NEVER
}

function readValueOrFile(name: string, value: string | undefined, file: string | undefined): string | undefined {
  if (file === undefined) return value
  if (value !== undefined) throw new ConfigError(`${name} and ${name}_FILE are both set: give one of them`)
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (cause) {
    throw new ConfigError(`${name}_FILE: ${file} cannot be read`, { cause })
  }
}
