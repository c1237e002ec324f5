/**
 * To be extended by a stand-in for the page's one worker for rows, which outlives a test file: the next file gets its own
 * after `end`.
 */
export class StubbedRowWorker extends EventTarget {
  static #current: StubbedRowWorker | null = null

  constructor() {
    super()
    StubbedRowWorker.#current = this
  }

  terminate(): void {}

  static end(): void {
    StubbedRowWorker.#current?.dispatchEvent(new Event('error'))
  }
}
