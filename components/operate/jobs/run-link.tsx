'use client'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { paths } from '@/lib/paths/paths'
import classes from './jobs.module.css'

/** A link that opens a run in the side panel and keeps the filters of the lists. */
export function RunLink({ runId, children }: { runId: string; children: string }) {
  const runHref = useRunHref()
  return (
    <Link href={runHref(runId)} className={classes.link} prefetch={false} scroll={false}>
      {children}
    </Link>
  )
}

/** Returns the href of a run, or of the lists alone for null, with the current filters. */
export function useRunHref(): (runId: string | null) => string {
  const filters = useSearchParams().toString()
  return (runId) => `${runId === null ? paths.jobs() : paths.run(runId)}${filters === '' ? '' : `?${filters}`}`
}
