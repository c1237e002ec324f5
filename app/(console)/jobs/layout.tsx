import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { JobsPage } from '@/components/jobs/jobs-page'

export const metadata: Metadata = { title: 'Jobs' }

/** The lists stay in place when a run is opened next to them. */
export default function JobsLayout({ children }: { children: ReactNode }) {
  return <JobsPage>{children}</JobsPage>
}
