import 'server-only'
import { createServer, type ListenOptions } from 'node:net'
import { type ListenPlace, listenProblem } from '@/server/listen-problem'

/** @throws {ConfigError} when the console could not listen there, with as many processes as it is to have */
export async function requireFreePort(place: ListenPlace): Promise<void> {
  const { host, port, webProcesses } = place
  // Shared by nobody, so that a stranger who would share the port is found, too.
  const error = (await listenError({ host, port })) ?? (webProcesses > 1 ? await sharingError(host) : null)
  if (error !== null) throw listenProblem(error, place)
}

/** On any port: whether the operating system knows how. */
function sharingError(host: string): Promise<NodeJS.ErrnoException | null> {
  return listenError({ host, port: 0, reusePort: true })
}

function listenError(options: ListenOptions): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const probe = createServer()
    probe.once('error', resolve)
    probe.listen(options, () => probe.close(() => resolve(null)))
  })
}
