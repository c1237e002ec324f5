'use client'
import { createContext, type ReactNode, useContext } from 'react'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import type { CommitLink } from './proposal-facts'

/** The entry that the shown proposal is for. */
export type ShownEntry = {
  entry: ProposedEntry
  /** Why the action cannot be carried out here; null: nothing is known against it. */
  readOnlyReason: string | null
  /** The page that shows the commit, or the run that it started; null: there is none for this user. */
  commit: CommitLink | null
}

const Context = createContext<ShownEntry | null>(null)

export function ShownEntryProvider({ children, ...shown }: ShownEntry & { children: ReactNode }) {
  return <Context value={shown}>{children}</Context>
}

/** @throws {Error} outside of the page of a proposal */
export function useShownEntry(): ShownEntry {
  const shown = useContext(Context)
  if (shown === null) throw new Error('useShownEntry needs a ShownEntryProvider around it.')
  return shown
}
