import { config } from 'zod'

/** Next runs this in the browser before anything else of ours. */

// Compiling checks needs `eval`, which the Content-Security-Policy of our pages refuses: zod need not try.
config({ jitless: true })
