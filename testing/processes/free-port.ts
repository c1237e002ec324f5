import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

/**
 * Below the ports that Linux, macOS and Windows give to clients and to servers that ask for any port: one of those may
 * be taken again before the server of a test listens.
 */
const RANGE = { first: 15_000, end: 32_000 } as const
const MAX_ATTEMPTS = 50

/**
 * A port of the loopback for a server that cannot choose one for itself. No client gets it by chance, and two tests
 * that ask at the same time get one of 17,000 each.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const port = randomInt(RANGE.first, RANGE.end)
    if (await isFree(port)) return port
  }
  throw new Error(`None of ${MAX_ATTEMPTS} ports of the loopback was free.`)
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    )
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
  })
}
