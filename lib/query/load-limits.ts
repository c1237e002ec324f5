/** Tables with a larger decoded size are not loaded. */
export const MAX_LOAD_BYTES = 1024 * 1024 * 1024
