/** Any text as a literal of another language, which reads it back unchanged. */

/** In Python. A JSON string is also a Python string. */
export function pythonString(text: string): string {
  return JSON.stringify(text)
}

/** One word of a POSIX shell. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}

/** An identifier in Spark and Flink. */
export function quoteWithBackticks(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``
}

/**
 * The value of a Java properties file, which is read as ISO-8859-1: other characters are written as `\uXXXX`. A leading
 * space is escaped because it would be dropped.
 */
export function javaPropertyText(text: string): string {
  return text.replace(/[^\x20-\x7e]|\\|^ /g, (char) =>
    char === '\\' || char === ' ' ? `\\${char}` : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** A comment to the end of its line, which no name can end earlier. */
export function commentText(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
