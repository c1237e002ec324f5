import 'server-only'
import type { FromQueryProcess, ToQueryProcess } from './messages'

type Pending = {
  respond: (response: Response) => void
  fail: (error: Error) => void
  /** The body, once it is read. */
  deliver: ((bytes: Uint8Array | null) => void) | null
}

/** Statuses of responses without a body. */
const BODILESS = new Set([204, 205, 304])

/**
 * `fetch` for a process without a network: its parent handles the requests, as if the user's browser had sent them to
 * the API.
 */
export function createParentFetch(post: (message: FromQueryProcess) => void) {
  const pending = new Map<number, Pending>()
  let lastId = 0

  const createBody = (id: number, entry: Pending): ReadableStream<Uint8Array> => {
    let fail: (error: Error) => void = () => undefined
    entry.fail = (error) => fail(error)
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          fail = (error) => controller.error(error)
        },
        pull: (controller) =>
          new Promise((resolve) => {
            entry.deliver = (bytes) => {
              entry.deliver = null
              if (bytes !== null) controller.enqueue(bytes)
              else {
                pending.delete(id)
                controller.close()
              }
              resolve()
            }
            post({ kind: 'pull', id })
          }),
        cancel: () => {
          pending.delete(id)
          post({ kind: 'abandon', id })
        },
      },
      { highWaterMark: 0 },
    )
  }

  return {
    fetch: async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
      const { signal, method = 'GET', body } = init
      signal?.throwIfAborted()
      const id = ++lastId
      const request = {
        method,
        url: input instanceof Request ? input.url : String(input),
        headers: [...new Headers(init.headers)],
        body: typeof body === 'string' ? body : null,
      }
      return await new Promise<Response>((respond, fail) => {
        pending.set(id, { respond, fail, deliver: null })
        signal?.addEventListener(
          'abort',
          () => {
            if (pending.delete(id)) post({ kind: 'abandon', id })
            fail(signal.reason)
          },
          { once: true },
        )
        post({ kind: 'fetch', id, request })
      })
    },

    /** Handles a message of the parent; false for messages of another kind. */
    handle(message: ToQueryProcess): boolean {
      if (message.kind === 'start' || message.kind === 'taken') return false
      const entry = pending.get(message.id)
      if (!entry) return true
      switch (message.kind) {
        case 'response': {
          const { id, status, headers } = message
          const hasBody = !BODILESS.has(status)
          if (!hasBody) pending.delete(id)
          const fields = new Headers()
          for (const [name, value] of headers) fields.append(name, value)
          entry.respond(new Response(hasBody ? createBody(id, entry) : null, { status, headers: fields }))
          break
        }
        case 'bytes':
          entry.deliver?.(message.bytes)
          break
        case 'fetch-failed':
          pending.delete(message.id)
          entry.fail(new Error(message.message))
      }
      return true
    },
  }
}
