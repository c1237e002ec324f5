import 'server-only'
import { createServer, type ListenOptions } from 'node:net'
import { type ListenSettings, toListenError } from '@/server/startup/listen-error'

/** @throws {ConfigError} when the console could not listen there, with as many processes as it is to have */
export async function requireFreePort(target: ListenSettings): Promise<void> {
  const { host, port, webProcesses } = target
  // Shared by nobody, so that a stranger who would share the port is found, too.
  const error = (await tryListen({ host, port })) ?? (webProcesses > 1 ? await tryShareAnyPort(host) : null)
  if (error !== null) throw toListenError(error, target)
}

/** On any port: whether the operating system knows how. */
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
