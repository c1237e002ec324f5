import 'server-only'

/** The values of a template's parameters in an address; `*` has the segments that the wildcard matches. */
export type AddressParams = Record<string, string | string[]>

export type FoundAddress<Target> = { target: Target; params: AddressParams }

type Entry<Target> = { template: readonly string[]; target: Target }

/**
 * Finds the target of an address by its template, such as `/api/v1/catalogs/:catalog`, `/iceberg/v1/{prefix}/tables` or
 * `/api/*`. A parameter matches one segment that is not empty, a wildcard all remaining segments. At the first segment
 * in which two templates differ, a name comes before a parameter and a parameter before a wildcard, as in the routes of
 * Next.
 */
export class AddressIndex<Target> {
  readonly #byLength: ReadonlyMap<number, readonly Entry<Target>[]>
  readonly #wildcards: readonly Entry<Target>[]

  constructor(targets: Iterable<readonly [template: string, target: Target]>) {
    const entries = [...targets].map(([template, target]) => ({ template: template.split('/').slice(1), target }))
    entries.sort((a, b) => compareTemplates(a.template, b.template))
    this.#wildcards = entries.filter(({ template }) => template.at(-1) === '*')
    this.#byLength = Map.groupBy(
      entries.filter(({ template }) => template.at(-1) !== '*'),
      ({ template }) => template.length,
    )
  }

  /** @param segments of the path, decoded: `['api', 'v1', 'catalogs', 'local']` */
  find(segments: readonly string[]): FoundAddress<Target> | null {
    const exact = this.#byLength.get(segments.length)?.find(({ template }) => isMatch(template, segments))
    if (exact) return { target: exact.target, params: readParams(exact.template, segments) }
    const wildcard = this.#wildcards.find(({ template }) => isMatch(template.slice(0, -1), segments))
    return wildcard ? { target: wildcard.target, params: readParams(wildcard.template, segments) } : null
  }
}

/**
 * @param pathname correctly percent-encoded
 * @throws {URIError}
 */
export function decodeSegments(pathname: string): string[] {
  return pathname.split('/').slice(1).map(decodeURIComponent)
}

function compareTemplates(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((name, i) => rankOf(name) !== rankOf(b[i]))
  return index === -1 ? 0 : rankOf(a[index]) - rankOf(b[index])
}

function rankOf(name: string | undefined): number {
  if (name === '*') return 2
  return name === undefined || nameOfParam(name) === null ? 0 : 1
}

function isMatch(template: readonly string[], segments: readonly string[]): boolean {
  return template.every((name, i) => (nameOfParam(name) === null ? name === segments[i] : Boolean(segments[i])))
}

function readParams(template: readonly string[], segments: readonly string[]): AddressParams {
  return Object.fromEntries(
    template.flatMap((name, i): [string, string | string[]][] => {
      if (name === '*') return [[name, segments.slice(i)]]
      const param = nameOfParam(name)
      return param === null ? [] : [[param, segments[i] ?? '']]
    }),
  )
}

function nameOfParam(name: string): string | null {
  if (name.startsWith(':')) return name.slice(1)
  return name.startsWith('{') ? name.slice(1, -1) : null
}
