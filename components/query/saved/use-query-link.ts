import { parseAsString, useQueryStates } from 'nuqs'
import { useMemo, useState, useSyncExternalStore } from 'react'
import { parseLinkedDisplay } from '@/lib/client/query/query-display'
import { parseLinkedParameters } from '@/lib/client/query/query-parameters'
import type { LinkedValues } from '@/lib/client/query/query-tabs'
import { parseLinkedAsOf } from './linked-as-of'

const LINK = { saved: parseAsString, parameters: parseAsString, display: parseAsString, asOf: parseAsString }

/** The parts of a link to a query that the address still has, apart from the text. */
export type QueryLink = {
  /** The id of a saved query; null: the link brings a text. */
  saved: string | null
  /** Whether the page put that id into the address, because it shows the query: there is nothing to open. */
  isSavedShown: boolean
  /** Those that can be read, which are the whole link: others have their defaults. Null if the address has none. */
  values: LinkedValues | null
  /** Whether the text of the address that opened the page was cut within a character. */
  hasDamagedText: boolean
  /** Changes with the link. */
  key: string
  /** Removes what was taken from the address. Values that cannot be read stay there, see `linkAddressChecks`. */
  take: () => void
  /** Puts the id of the query that the page shows into the address; null takes it out again. */
  showSaved: (queryId: string | null) => void
}

export function useQueryLink(): QueryLink {
  const [link, setLink] = useQueryStates(LINK, { history: 'replace' })
  const { saved, parameters, display, asOf } = link
  const [shown, setShown] = useState<string | null>(null)
  const hasDamagedText = useHasDamagedText()
  const values = useMemo(() => readValues({ parameters, display, asOf }), [parameters, display, asOf])
  return {
    saved,
    isSavedShown: saved !== null && saved === shown,
    values,
    hasDamagedText,
    key: JSON.stringify(link),
    showSaved: (queryId) => {
      setShown(queryId)
      void setLink({ saved: queryId })
    },
    take: () =>
      void setLink({
        saved: null,
        ...(values?.parameters && { parameters: null }),
        ...(values?.display && { display: null }),
        ...(values?.asOf && { asOf: null }),
      }),
  }
}

function readValues(link: Record<'parameters' | 'display' | 'asOf', string | null>): LinkedValues | null {
  if (Object.values(link).every((value) => value === null)) return null
  const parameters = link.parameters === null ? null : parseLinkedParameters(link.parameters)
  const display = link.display === null ? null : parseLinkedDisplay(link.display)
  const asOf = link.asOf === null ? null : parseLinkedAsOf(link.asOf)
  return { ...(parameters && { parameters }), ...(display && { display }), ...(asOf && { asOf }) }
}

/** By the first address: later ones are written by the page. */
function useHasDamagedText(): boolean {
  const [read] = useState(() => {
    let known: boolean | null = null
    return () => (known ??= hasDamagedText(window.location.search))
  })
  return useSyncExternalStore(
    () => () => undefined,
    read,
    () => false,
  )
}

/** A browser decodes an invalid percent sequence to other characters. */
function hasDamagedText(search: string): boolean {
  const [, text = ''] = /[?&]sql=([^&]*)/.exec(search) ?? []
  try {
    decodeURIComponent(text)
    return false
  } catch {
    return true
  }
}
