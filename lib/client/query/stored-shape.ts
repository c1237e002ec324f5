/**
 * Shapes of values that the query page stored in this browser or reads from a link. Another version of Lakeshore or
 * another page may have written them. zod would be a tenth of the script that the page loads before it can be used.
 */

/** Returns the value with only its known members, or undefined if it has another form. */
export type Shape<T> = (value: unknown) => T | undefined
export type ShapeOutput<S> = S extends Shape<infer T> ? T : never

type Members<T> = { [Name in keyof T]: Shape<T[Name]> }

export const flag: Shape<boolean> = (value) => (typeof value === 'boolean' ? value : undefined)

export const finiteNumber: Shape<number> = (value) =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined

/** A text with at most this many characters. */
export function text(maxChars = Number.POSITIVE_INFINITY): Shape<string> {
  return (value) => (typeof value === 'string' && value.length <= maxChars ? value : undefined)
}

export function integer(min: number): Shape<number> {
  return (value) => (typeof value === 'number' && Number.isSafeInteger(value) && value >= min ? value : undefined)
}

export function oneOf<const Word extends string>(words: readonly Word[]): Shape<Word> {
  return (value) => words.find((word) => word === value)
}

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value) => (value === null ? null : shape(value))
}

/** The fallback replaces a value of another form, and a missing one. */
export function withFallback<T>(shape: Shape<T>, fallback: T): Shape<T> {
  return (value) => shape(value) ?? fallback
}

/** The first of the shapes that the value has. */
export function anyOf<const Shapes extends readonly Shape<unknown>[]>(
  ...shapes: Shapes
): Shape<ShapeOutput<Shapes[number]>> {
  return (value) => {
    for (const shape of shapes) {
      const found = shape(value)
      if (found !== undefined) return found as ShapeOutput<Shapes[number]>
    }
    return undefined
  }
}

export function list<T>(
  item: Shape<T>,
  { min = 0, max = Number.POSITIVE_INFINITY }: { min?: number; max?: number } = {},
): Shape<T[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length < min || value.length > max) return undefined
    const items: T[] = []
    for (const each of value) {
      const found = item(each)
      if (found === undefined) return undefined
      items.push(found)
    }
    return items
  }
}

/** An object with all members, and with some of the optional ones. */
export function object<T extends object, O extends object = object>(
  members: Members<T>,
  optional?: Members<O>,
): Shape<T & Partial<O>> {
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined
    const found: Record<string, unknown> = {}
    for (const [name, shape] of Object.entries<Shape<unknown>>({ ...optional, ...members })) {
      const member: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
      if (member === undefined && optional !== undefined && Object.hasOwn(optional, name)) continue
      const read = shape(member)
      if (read === undefined) return undefined
      found[name] = read
    }
    return found as T & Partial<O>
  }
}

/** The value of a JSON text; undefined for a text that is no JSON or has another form. */
export function parseShape<T>(json: string, shape: Shape<T>): T | undefined {
  try {
    return shape(JSON.parse(json))
  } catch {
    return undefined
  }
}
