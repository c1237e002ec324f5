import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { JobsPage } from '@/components/jobs/jobs-page'

export const metadata: Metadata = { title: 'Jobs' }

/** The lists stay where they are while runs are opened beside them. */
export default function JobsLayout({ children }: { children: ReactNode }) {
  return <JobsPage>{children}</JobsPage>
}
