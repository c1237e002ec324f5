import 'server-only'

/** In place of null, as Hive writes it. */
const NULL_VALUE = '__HIVE_DEFAULT_PARTITION__'

/**
 * The values that the folders of a path have, as Hive and Spark write them: `day=2026-05-01/city=K%C3%B6ln/a.csv`. Of
 * several folders with one name the last one counts.
 */
export function readPathValues(path: string): Map<string, string | null> {
  const values = new Map<string, string | null>()
  for (const folder of path.split('/').slice(0, -1)) {
    const at = folder.indexOf('=')
    if (at < 1) continue
    const value = unescapePart(folder.slice(at + 1))
    values.set(unescapePart(folder.slice(0, at)), value === NULL_VALUE ? null : value)
  }
  return values
}

/** The same of a URL, which may escape what the names of the folders have escaped already. */
export function readUrlPathValues({ pathname }: URL): Map<string, string | null> {
  return readPathValues(pathname.split('/').map(unescapePart).join('/'))
}

/** A text with a percent sign that begins no character in UTF-8 is not escaped. */
function unescapePart(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
