'use client'
import { useVisit } from '@/lib/client/session/use-visit'
import type { VisitedEntry } from '@/lib/contract/shortcuts'
import { FavouriteButton } from './favourite-button'

/** The star on the page of a table or a view, and the record of the visit. */
export function EntryStar({ entry, uuid }: { entry: VisitedEntry; uuid: string }) {
  useVisit(entry, uuid)
  return <FavouriteButton target={entry} />
}
