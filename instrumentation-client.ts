import { storeTimeZone } from '@/lib/time-zone'

/** Next runs this in the browser before anything else of ours. */

// zod takes its settings from here when it is loaded, which is with the first request. Compiling checks needs `eval`,
// which the Content-Security-Policy of our pages refuses: zod need not try.
Object.assign(globalThis, { __zod_globalConfig: { jitless: true } })

// From the sign-in page on, so that the first page of the console comes with its times.
storeTimeZone()
