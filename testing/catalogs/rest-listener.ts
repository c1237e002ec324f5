import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Services } from '@/server/services'
import { handleRestRequest } from './handle-rest-request'

/**
 * A fault on a request's way. `before`: the request does not arrive; `after`: it is done, but the response is lost. A
 * number is the status that a proxy sends instead; `cut`: the socket is closed.
 */
export type Fault = { when: 'before' | 'after'; answer: number | 'cut' }

export type RestListener = {
  /** URI of the REST catalog. */
  uri: string
  /** Called for every request; null lets it pass. */
  faultFor: (request: Request) => Fault | null | Promise<Fault | null>
  /** Changes a response, as another catalog could have sent it. */
  changeResponse: (request: Request, response: Response) => Response | Promise<Response>
  /** If false, the catalog does not support `Idempotency-Key`. */
  supportsIdempotencyKeys: boolean
  stop: () => Promise<void>
}

/** Serves our REST catalog on a real socket, behind a proxy that may fail. */
export async function startRestListener(services: Services): Promise<RestListener> {
  const server = createServer((incoming, response) => void serve(incoming, response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const listener: RestListener = {
    uri: `http://127.0.0.1:${port}/iceberg`,
    faultFor: () => null,
    changeResponse: (_request, response) => response,
    supportsIdempotencyKeys: true,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function serve(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await readRequest(incoming, port)
    if (!listener.supportsIdempotencyKeys) request.headers.delete('idempotency-key')
    const fault = await listener.faultFor(request.clone())
    const answer =
      fault?.when === 'before'
        ? null
        : await listener.changeResponse(request.clone(), await handleRestRequest(services, request.clone()))
    if (fault?.answer === 'cut') {
      incoming.socket.destroy()
    } else if (fault) {
      response.writeHead(fault.answer, { 'content-type': 'text/html' }).end('<html>a proxy</html>')
    } else if (answer) {
      const body = Buffer.from(await answer.arrayBuffer())
      const isConfig = request.url.split('?')[0]?.endsWith('/v1/config')
      response.writeHead(answer.status, Object.fromEntries(answer.headers))
      response.end(isConfig && !listener.supportsIdempotencyKeys ? withoutIdempotencyKeys(body) : body)
    }
  }
  return listener
}

function withoutIdempotencyKeys(config: Buffer): string {
  const { 'idempotency-key-lifetime': _, ...rest } = JSON.parse(config.toString()) as Record<string, unknown>
  return JSON.stringify(rest)
}

const FORWARDED_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  'if-none-match',
  'user-agent',
  'x-iceberg-access-delegation',
]

async function readRequest(incoming: IncomingMessage, port: number): Promise<Request> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const { method = 'GET', url = '/' } = incoming
  const headers = new Headers()
  for (const name of FORWARDED_HEADERS) {
    const value = incoming.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  const hasBody = method === 'POST'
  return new Request(`http://127.0.0.1:${port}${url}`, {
    method,
    headers,
    ...(hasBody && { body: Buffer.concat(chunks) }),
  })
}
