import 'server-only'
import pino, { type DestinationStream, type Logger } from 'pino'
import { type Config, config } from '@/server/config'

/** The only writer of logs: one JSON line per event, on standard error. Secrets are taken out by their names. */

type Context = Readonly<Record<string, string | number | boolean | null | undefined>>

const SECRET_KEYS = [
  'password',
  'currentPassword',
  'newPassword',
  'passwordHash',
  'secret',
  'secrets',
  'clientSecret',
  'secretAccessKey',
  'sessionToken',
  'accountKey',
  'serviceAccountKey',
  'sealed',
  'sealingKey',
  'token',
  'csrfToken',
  'credential',
  'credentials',
  'access_token',
  'client_secret',
  'subject_token',
  'authorization',
  'cookie',
]

let logger: Logger | null = null

function log(): Logger {
  if (logger) return logger
  const destination = pino.destination({ dest: 2, sync: true })
  // The terminal or the program that read the log may be gone: that must not end what goes on without it.
  destination.on('error', () => {})
  logger = lineLogger(config().logLevel, destination)
  return logger
}

export function lineLogger(level: Config['logLevel'], destination: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      messageKey: 'message',
      errorKey: 'error',
      redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: '[redacted]' },
    },
    destination,
  )
}

/** A failure that is ours to mend, with its causes. */
export function logError(error: unknown, context: Context = {}): void {
  const known = error instanceof Error ? error : new Error(String(error))
  log().error({ ...context, error: known }, known.message)
}

export function logWarning(message: string, context: Context = {}): void {
  log().warn(context, message)
}

export function logInfo(message: string, context: Context = {}): void {
  log().info(context, message)
}

export function logDebug(message: string, context: Context = {}): void {
  log().debug(context, message)
}
