import 'server-only'
import { createServer, type ListenOptions } from 'node:net'
import { type ListenSettings, toListenError } from '@/server/startup/listen-error'

/**
 * @throws {ConfigError} when the console cannot listen on the port with the number of processes it is configured for
 */
export async function requireFreePort(target: ListenSettings): Promise<void> {
  const { host, port, webProcesses } = target
  // Not shared, so that this also finds another program that would share the port.
  const error = (await tryListen({ host, port })) ?? (webProcesses > 1 ? await tryShareAnyPort(host) : null)
  if (error !== null) throw toListenError(error, target)
}

/** Tries a shared port on any free number, to learn whether the operating system supports it. */
function tryShareAnyPort(host: string): Promise<NodeJS.ErrnoException | null> {
  return tryListen({ host, port: 0, reusePort: true })
}

function tryListen(options: ListenOptions): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen(options, () => probe.close(() => resolve(null)))
  })
}
