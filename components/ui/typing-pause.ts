/** Pauses while a text is typed that something is requested for, so that not each letter is. */
export const TYPING_PAUSE_MS = 300
