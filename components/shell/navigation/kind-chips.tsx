'use client'
import type { SearchKind } from '@/lib/search/entry-kinds'
import { parseSearch } from '@/lib/search/parse-search'
import classes from './command-palette.module.css'

const CHIPS: readonly { kind: SearchKind; label: string }[] = [
  { kind: 'table', label: 'Tables' },
  { kind: 'column', label: 'Columns' },
  { kind: 'tag', label: 'Tags' },
  { kind: 'property', label: 'Properties' },
  { kind: 'snapshot', label: 'Snapshots' },
  { kind: 'file', label: 'Files' },
]

/** Narrow the search to one kind, like a kind before a colon in the field, which a click writes there. */
export function KindChips({ query, onChange }: { query: string; onChange: (query: string) => void }) {
  const { kinds } = parseSearch(query)
  const toggle = (kind: SearchKind) => {
    const searchText = query.replaceAll(/(^|\s)[a-z]+:/giu, '$1').trim()
    onChange(kinds?.includes(kind) ? searchText : `${kind}:${searchText}`)
  }
  return (
    <div className={classes.chips} role="group" aria-label="Kinds">
      {CHIPS.map(({ kind, label }) => (
        <button
          key={kind}
          type="button"
          className={classes.chip}
          aria-pressed={kinds?.includes(kind) ?? false}
          onClick={() => toggle(kind)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
