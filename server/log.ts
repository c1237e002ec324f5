import 'server-only'
import pino, { type DestinationStream, type Logger } from 'pino'
import type { Config } from '@/server/config/config'

/** The only writer of logs: one JSON line per event. Secrets are removed by their names. */

export type LogContext = Readonly<Record<string, string | number | boolean | null | undefined>>

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

export type Log = {
  /** An unexpected failure, with its causes. */
  error(error: unknown, context?: LogContext): void
  warning(message: string, context?: LogContext): void
  info(message: string, context?: LogContext): void
  debug(message: string, context?: LogContext): void
}

/** Writes to standard error. */
export function createLog(level: Config['logLevel']): Log {
  const destination = pino.destination({ dest: 2, sync: true })
  // The terminal or the program that read the log may have closed it, which must not end the process.
  destination.on('error', () => {})
  return toLog(createLineLogger(level, destination))
}

export function toLog(logger: Logger): Log {
  return {
    error(error, context = {}) {
      const failure = error instanceof Error ? error : new Error(String(error))
      logger.error({ ...context, error: failure }, failure.message)
    },
    warning: (message, context = {}) => logger.warn(context, message),
    info: (message, context = {}) => logger.info(context, message),
    debug: (message, context = {}) => logger.debug(context, message),
  }
}

export function createLineLogger(level: Config['logLevel'], destination: DestinationStream): Logger {
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
