import 'server-only'
import { clock } from '@/server/timing/clock'

/**
 * A line that shows progress. It is rewritten in place on a terminal; elsewhere, a new line is printed now and then.
 */
export type ProgressLine = { show(text: string): void; end(): void }

const UPDATE_INTERVAL_MS = { terminal: 100, elsewhere: 5_000 }

export function createProgressLine(): ProgressLine {
  const { stderr } = process
  const everyMs = stderr.isTTY ? UPDATE_INTERVAL_MS.terminal : UPDATE_INTERVAL_MS.elsewhere
  let shownAtMs = stderr.isTTY ? 0 : clock.elapsedMs()
  let isOpen = false
  return {
    show(text) {
      if (clock.elapsedMs() - shownAtMs < everyMs) return
      shownAtMs = clock.elapsedMs()
      if (!stderr.isTTY) stderr.write(`${text}\n`)
      else stderr.write(`\r${text.slice(0, Math.max(20, (stderr.columns ?? 80) - 1))}\x1B[K`)
      isOpen = true
    },
    end() {
      if (isOpen && stderr.isTTY) stderr.write('\r\x1B[K')
      isOpen = false
    },
  }
}

const BAR_CELLS = 24

/** `██████░░░░ 62 %` */
export function progressBar(share: number): string {
  const done = Math.max(0, Math.min(1, share))
  const full = Math.round(done * BAR_CELLS)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_CELLS - full)} ${String(Math.floor(done * 100)).padStart(3)} %`
}
