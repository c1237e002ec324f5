import 'server-only'

/**
 * As the databases compare names that ignore case: other letters must not become ASCII ones by their small form, as the
 * Kelvin sign becomes `k`.
 */
export function lowerAscii(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase())
}
