'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { ProblemNote } from '@/components/ui/notes/problem-note'
import { retryFetch } from '@/lib/client/call/retry'
import { loadLocationsQuery } from '@/lib/client/jobs/load-locations'
import type { TableIdentifier } from '@/lib/names/identifiers'
import classes from './location-browser.module.css'
import type { LocationFiles } from './use-location-files'

const LazyLocationBrowser = lazyComponent(async () => (await import('./location-browser')).LocationBrowser)

/** Files that are in a location already. Nothing is shown where the operator allows no locations. */
export function FromLocation({ table, located }: { table: TableIdentifier; located: LocationFiles }) {
  const { data, error, refetch } = useQuery(loadLocationsQuery(table))
  const locations = data?.locations ?? []
  const [isOpen, setOpen] = useState(false)
  if (error)
    return <ProblemNote error={error} title="The locations cannot be listed" onRetry={() => retryFetch(refetch)} />
  if (locations.length === 0) return null
  if (isOpen)
    return (
      <LazyLocationBrowser
        table={table}
        names={locations.map(({ name }) => name)}
        located={located}
        onClose={() => setOpen(false)}
      />
    )
  return (
    <div className={classes.opener} data-opener>
      <Button size="xs" variant="subtle" onClick={() => setOpen(true)}>
        From a location
      </Button>
    </div>
  )
}
