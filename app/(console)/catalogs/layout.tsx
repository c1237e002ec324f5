import type { ReactNode } from 'react'
import { ExploreFrame } from '@/components/catalogs/explore-frame'

export default function ExploreLayout({ children }: { children: ReactNode }) {
  return <ExploreFrame>{children}</ExploreFrame>
}
