/**
 * Whether a person asks once more for what failed: what was spared them a moment ago is then tried. It holds while
 * `ask` runs, for the requests it begins there.
 */
let isAnew = false

export function askAnew(ask: () => void): void {
  isAnew = true
  try {
    ask()
  } finally {
    isAnew = false
  }
}

export function isAskedAnew(): boolean {
  return isAnew
}
