import { TIME_ZONE_COOKIE } from '@/lib/format/page-clock'

/** Next runs this in the browser before anything else of ours. */

// zod takes its settings from here when it is loaded, which is with the first request. Compiling checks needs `eval`,
// which the Content-Security-Policy of our pages refuses: zod need not try.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })

keepTimeZone()

/**
 * Tells the server the browser's time zone, so that the next page can come with its times. A page with the times of
 * another zone, as after a journey, is loaded again.
 */
function keepTimeZone(): void {
  const { timeZone } = new Intl.DateTimeFormat().resolvedOptions()
  const renderedZone = document.documentElement.dataset['timeZone']
  if (renderedZone === timeZone) return
  const cookie = `${TIME_ZONE_COOKIE}=${encodeURIComponent(timeZone)}`
  const isSecure = location.protocol === 'https:'
  document.cookie = `${cookie}; path=/; max-age=31536000; samesite=lax${isSecure ? '; secure' : ''}`
  if (renderedZone !== undefined && document.cookie.split('; ').includes(cookie)) location.reload()
}
