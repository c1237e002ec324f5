const WINDOW_MS = 5_000

/** How fast bytes are sent, over the last seconds. */
export class UploadRate {
  readonly #onSilent: () => void
  #samples: { atMs: number; bytes: number }[] = []
  #silenceTimer: ReturnType<typeof setTimeout> | undefined

  /** @param onSilent called when no bytes were sent for some seconds: there is no rate then */
  constructor(onSilent: () => void) {
    this.#onSilent = onSilent
  }

  /** @param bytes sent so far; if there are fewer than before, a chunk is sent again, and the rate begins again */
  add(bytes: number, nowMs: number): void {
    const last = this.#samples.at(-1)
    if (last !== undefined && bytes < last.bytes) this.reset()
    this.#samples = this.#samples.filter(({ atMs }) => atMs >= nowMs - WINDOW_MS)
    this.#samples.push({ atMs: nowMs, bytes })
    clearTimeout(this.#silenceTimer)
    this.#silenceTimer = setTimeout(() => {
      this.reset()
      this.#onSilent()
    }, WINDOW_MS)
  }

  get bytesPerSecond(): number | null {
    const [first, last] = [this.#samples.at(0), this.#samples.at(-1)]
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return null
    return ((last.bytes - first.bytes) * 1000) / (last.atMs - first.atMs)
  }

  reset(): void {
    clearTimeout(this.#silenceTimer)
    this.#samples = []
  }
}
