'use client'
import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import { paths } from '@/lib/paths'
import classes from './jobs.module.css'

/** A run by its title; opens it beside the lists, which stay as they are filtered. */
export function RunLink({ runId, children }: { runId: string; children: string }) {
  const runHref = useRunHref()
  return (
    <Link href={runHref(runId)} className={classes.link} prefetch={false} scroll={false}>
      {children}
    </Link>
  )
}

/** Addresses of runs, or with null of the lists alone, with the filters that are set. */
export function useRunHref(): (runId: string | null) => string {
  const filters = useSearchParams().toString()
  return (runId) => `${runId === null ? paths.jobs() : paths.run(runId)}${filters === '' ? '' : `?${filters}`}`
}
