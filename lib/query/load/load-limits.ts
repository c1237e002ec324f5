/** Decoded size above which nothing is loaded. */
export const MAX_LOAD_BYTES = 1024 * 1024 * 1024
