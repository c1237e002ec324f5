import { createServer, type ListenOptions, type Server } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { freePort } from '@/testing/processes/free-port'
import { toListenError } from '@/server/startup/listen-error'
import { requireFreePort } from './free-port'

const host = '127.0.0.1'

async function listen(options: ListenOptions): Promise<Server> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen({ host, ...options }, resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  return server
}

it.each([1, 4])(
  'finds another program on the port of %i processes, even one that would share it',
  async (webProcesses) => {
    for (const reusePort of [false, true]) {
      const port = await freePort()
      await requireFreePort({ host, port, webProcesses })
      await listen({ port, reusePort })
      await expect(requireFreePort({ host, port, webProcesses })).rejects.toThrow(
        `Port ${port} on ${host} is in use by another program. Nothing was created and nothing was started.`,
      )
    }
  },
)

it('says what to do when processes cannot share a port', () => {
  const unsupported = Object.assign(new Error('listen ENOTSUP'), { code: 'ENOTSUP' })
  expect(toListenError(unsupported, { host, port: 3000, webProcesses: 4 }).message).toMatch(
    /^LAKESHORE_WEB_PROCESSES is 4, but this operating system .* Set LAKESHORE_WEB_PROCESSES=1, or run several/,
  )
})
