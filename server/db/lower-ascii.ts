import 'server-only'

/**
 * Lower-cases as the databases do when they ignore case: only ASCII letters. The lower-case form of another letter must
 * not become ASCII, as that of the Kelvin sign becomes `k`.
 */
export function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
