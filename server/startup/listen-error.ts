import 'server-only'
import { type Config, ConfigError } from '@/server/config/config'

export type ListenSettings = Pick<Config, 'host' | 'port' | 'webProcesses'>

const REASON_BY_ERRNO: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may not be opened by this user',
  EADDRNOTAVAIL: 'cannot be opened, because this machine does not have that address',
  ENOTFOUND: 'cannot be opened, because that name has no address',
}

/** Explains the operating system's error for a port, with advice. */
export function toListenError(error: NodeJS.ErrnoException, { host, port, webProcesses }: ListenSettings): ConfigError {
  if (error.code === 'ENOTSUP') {
    return new ConfigError(
      `LAKESHORE_WEB_PROCESSES is ${webProcesses}, but this operating system does not let processes share a port (Linux ` +
        'and FreeBSD do). Nothing was created and nothing was started. Set LAKESHORE_WEB_PROCESSES=1, or run several ' +
        'Lakeshores on different ports with one database, behind a proxy.',
      { cause: error },
    )
  }
  const reason = REASON_BY_ERRNO[error.code ?? ''] ?? `cannot be opened (${error.message})`
  return new ConfigError(
    `Port ${port} on ${host} ${reason}. Nothing was created and nothing was started. ` +
      'Choose another with --port and --host, or with LAKESHORE_PORT and LAKESHORE_HOST.',
    { cause: error },
  )
}
