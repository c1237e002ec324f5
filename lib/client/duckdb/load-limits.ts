/** Decoded size above which the user is asked to confirm, and above which nothing is loaded. */
export const CONFIRM_BYTES = 256 * 1024 * 1024
export const MAX_LOAD_BYTES = 1024 * 1024 * 1024

/** The most rows the grid gets, whatever was requested. */
export const MAX_ROWS = 1_000_000
