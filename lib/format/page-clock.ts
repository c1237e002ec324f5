/** When, and for which time zone, the server rendered a page. The first paint in the browser repeats it exactly. */
export type PageClock = { nowMs: number; timeZone: string }

/** The cookie in which a browser keeps its time zone (IANA name). */
export const TIME_ZONE_COOKIE = 'lakeshore-time-zone'

const SLOT = Symbol.for('lakeshore.page-clock')
/** Next bundles this module apart from the web server, which provides the clock; so it hangs on the process. */
const slotHolder = globalThis as typeof globalThis & { [SLOT]?: () => PageClock | null }

/** For the web server: from now on, `read` finds the clock of the page that is being rendered. */
export function providePageClock(read: () => PageClock | null): void {
  slotHolder[SLOT] = read
}

/**
 * The clock of the page: on the server of the one that is being rendered, in the browser of the one that was loaded.
 * Null when the server did not know the browser's time zone; it then leaves data out of the page.
 */
export function pageClock(): PageClock | null {
  if (typeof document === 'undefined') return slotHolder[SLOT]?.() ?? null
  const { nowMs, timeZone } = document.documentElement.dataset
  return nowMs === undefined || timeZone === undefined ? null : { nowMs: Number(nowMs), timeZone }
}

/** The time zone in which times are shown; undefined for the one of this machine, as in every browser. */
export function shownTimeZone(): string | undefined {
  return slotHolder[SLOT]?.()?.timeZone
}
