/**
 * Base class of a stand-in for the page's one worker for rows, which outlives a test file: the next file gets another
 * one after `end`.
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
