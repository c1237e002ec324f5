'use client'
import { parseAsString, parseAsStringLiteral, useQueryStates } from 'nuqs'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { CatalogList } from './catalog-list'

const reading = () => <SkeletonRows rows={8} columns={3} label="Reading" />
const LazyFacetList = lazyComponent(async () => (await import('./facet-list')).FacetList, { loading: reading })
const LazyFacetEntries = lazyComponent(async () => (await import('./facet-entries')).FacetEntries, { loading: reading })

const KINDS = ['owner', 'tag'] as const
const CHECKS = checkChoice('by', KINDS, 'The catalogs are shown.')

/** The root of Explore: catalogs, or the owners or tags of tables, or the tables of one of these. */
export function ExploreRoot() {
  const [{ by, name }] = useQueryStates({ by: parseAsStringLiteral(KINDS), name: parseAsString })
  if (by === null)
    return (
      <>
        <AddressProblems checks={CHECKS} />
        <CatalogList />
      </>
    )
  if (name === null || name === '') return <LazyFacetList key={by} kind={by} />
  return <LazyFacetEntries key={`${by} ${name}`} kind={by} name={name} />
}
