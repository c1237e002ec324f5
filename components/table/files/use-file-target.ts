'use client'
import { parseAsString, useQueryStates } from 'nuqs'
import { inPageLink } from '@/components/ui/controls/in-page-link'
import { useShownTable } from '@/components/table/frame/shown-table'
import { paths } from '@/lib/paths/paths'

export const FILE_LEVELS = ['metadata', 'manifests', 'partitions', 'sizes', 'objects'] as const

const TARGET_PARSERS = {
  level: parseAsString,
  /** Location of a manifest; with a file, the one that lists it. */
  manifest: parseAsString,
  file: parseAsString,
  /** Location of a folder of the table. */
  folder: parseAsString,
}

/** Parameters that belong to one target and are dropped with it: filter, order, and the open part of a file. */
const DETAIL_PARSERS = {
  q: parseAsString,
  sort: parseAsString,
  view: parseAsString,
  chunk: parseAsString,
  measure: parseAsString,
  from: parseAsString,
  to: parseAsString,
}
const NO_DETAILS = { q: null, sort: null, view: null, chunk: null, measure: null, from: null, to: null }

/**
 * The target of the Files tab, in the address: a level of the table's metadata, the entries of one manifest, or one
 * file. Without any of them the tab shows the files of the snapshot.
 */
export type FileTarget = {
  level: (typeof FILE_LEVELS)[number] | null
  manifest: string | null
  file: string | null
  folder: string | null
}

const ALL_FILES: FileTarget = { level: null, manifest: null, file: null, folder: null }

/** Adds the target to an address, which may have a query already. */
function toAddress(base: string, target: FileTarget): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(target)) if (value !== null) query.set(name, value)
  return query.size === 0 ? base : `${base}${base.includes('?') ? '&' : '?'}${query}`
}

export function useFileTarget() {
  const { table, asOf } = useShownTable()
  const [{ level, manifest, file, folder }, setParams] = useQueryStates(
    { ...TARGET_PARSERS, ...DETAIL_PARSERS },
    { history: 'push' },
  )
  /** Shows another target. A part that `next` does not name leaves the address. */
  const go = (next: Partial<FileTarget>) => void setParams({ ...ALL_FILES, ...NO_DETAILS, ...next })
  const linkTo = (next: Partial<FileTarget>) =>
    inPageLink(toAddress(paths.table(table, 'files', asOf), { ...ALL_FILES, ...next }), () => go(next))
  const target: FileTarget = { level: FILE_LEVELS.find((one) => one === level) ?? null, manifest, file, folder }
  return { target, go, linkTo }
}
