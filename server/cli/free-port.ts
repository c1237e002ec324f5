import 'server-only'
import { createServer } from 'node:net'
import { ConfigError } from '@/server/config'

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'is taken by another program',
  EACCES: 'may not be opened by this user',
  EADDRNOTAVAIL: 'cannot be opened, since that address is not one of this machine',
  ENOTFOUND: 'cannot be opened, since that name has no address',
}

/** @throws {ConfigError} when the console could not listen there */
export async function requireFreePort(host: string, port: number): Promise<void> {
  const error = await listenError(host, port)
  if (error === null) return
  const reason = REASONS[error.code ?? ''] ?? `cannot be opened (${error.message})`
  throw new ConfigError(
    `Port ${port} on ${host} ${reason}. Nothing was made and nothing was started. ` +
      'Choose another with --port and --host, or with LAKESHORE_PORT and LAKESHORE_HOST.',
  )
}

function listenError(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen({ host, port }, () => probe.close(() => resolve(null)))
  })
}
