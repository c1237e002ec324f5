import { type AddressChecks, checkChoice, quoteAddress } from '@/components/ui/notes/address-problems'
import { splitNamespace } from '@/lib/names/identifiers'
import { isCustomSpan, parseEpochMs, type SpanQuery } from './span'

/**
 * Why a page of charts does not cover the period that its address names; see `use-span`.
 *
 * @param ranges the names of periods, and what is shown in place of an unknown one
 */
export function spanChecks(
  query: Pick<SpanQuery, 'from' | 'to'>,
  { names, instead }: { names: readonly string[]; instead: string },
): AddressChecks {
  const { from, to } = query
  const isCustom = isCustomSpan(query)
  const outcome = isCustom ? 'The period from ?from= to ?to= is shown.' : instead
  const checkTime = (name: string, value: string, otherName: string, other: number | null) => {
    if (parseEpochMs(value) === null)
      return `${quoteAddress(name, value)} is not a time in milliseconds since 1970. ${outcome}`
    return other === null ? `${quoteAddress(name, value)} needs a time in ?${otherName}=. ${outcome}` : null
  }
  return {
    ...checkChoice('range', names, outcome),
    from: (value) => checkTime('from', value, 'to', to),
    to: (value) =>
      checkTime('to', value, 'from', from) ??
      (isCustom ? null : `${quoteAddress('to', value)} is not after ?from=. ${outcome}`),
  }
}

/** Why a dashboard covers no tables; see `use-scope`. Names are null until all of them are known. */
export function scopeChecks({
  catalogs,
  namespaces,
}: {
  catalogs: readonly string[] | null
  /** The namespaces at the top of the chosen catalog. */
  namespaces: readonly string[] | null
}): AddressChecks {
  return {
    catalog: (value) =>
      catalogs === null || catalogs.includes(value)
        ? null
        : `There is no catalog ${quoteAddress('catalog', value)} that you may read. The figures cover no tables.`,
    namespace: (value) => {
      const [top] = splitNamespace(value)
      return namespaces === null || (top !== undefined && namespaces.includes(top))
        ? null
        : `The catalog has no namespace ${quoteAddress('namespace', value)} that you may read. The figures cover no tables.`
    },
  }
}
