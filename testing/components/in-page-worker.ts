import type { InspectionRequest } from '@/lib/client/inspection/inspection-messages'
import { pageCodecs } from '@/testing/parquet/page-codecs'
import { createInspectionServer } from '@/lib/client/inspection/serve-inspection'

/**
 * A worker that inspects files in the process of the test, because the DOM of tests has no workers. Messages are copied
 * as a browser does. Use it with `vi.stubGlobal('Worker', InPageWorker)`.
 */
export class InPageWorker extends EventTarget {
  #isRunning = true
  readonly #serve = createInspectionServer(
    (reply) => {
      const data: unknown = structuredClone(reply)
      queueMicrotask(() => this.#isRunning && this.dispatchEvent(new MessageEvent('message', { data })))
    },
    { codecs: pageCodecs },
  )

  postMessage(request: InspectionRequest): void {
    const copy = structuredClone(request)
    queueMicrotask(() => this.#isRunning && this.#serve(copy))
  }

  terminate(): void {
    this.#isRunning = false
  }
}
