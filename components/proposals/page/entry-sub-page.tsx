import { IconFolderOpen } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { CatalogLabelChip, CatalogPrefix } from '@/components/shell/catalog-name'
import { SubPage, SubPageHeading } from '@/components/shell/sub-page'
import { NameHeader } from '@/components/ui/name-header'
import { Toolbar } from '@/components/ui/toolbar'
import { ViewHeader } from '@/components/views/view-header'
import type { ProposedEntry } from '@/lib/client/table/proposals'
import { entryLabel } from '@/lib/names/identifiers'
import classes from './entry-sub-page.module.css'

type EntrySubPageProps = {
  entry: ProposedEntry
  title: string
  back: { label: string; href: string }
  children: ReactNode
}

/** A page below that of an entry. The layout of a table has its header; what can be done with others is on their pages. */
export function EntrySubPage({ entry, title, back, children }: EntrySubPageProps) {
  const page = (
    <SubPage title={title}>
      <Toolbar>
        <SubPageHeading title={title} back={back} />
      </Toolbar>
      {children}
    </SubPage>
  )
  if ('table' in entry) return page
  return (
    <div className={classes.frame}>
      {'view' in entry ? (
        <ViewHeader view={entry} detail={null} />
      ) : (
        <NameHeader
          icon={IconFolderOpen}
          catalog={<CatalogPrefix catalog={entry.catalog} />}
          name={entryLabel(entry)}
          badges={<CatalogLabelChip catalog={entry.catalog} />}
          copyLabel="namespace name"
          chips={['namespace']}
          location={null}
          hasEdge
        />
      )}
      {page}
    </div>
  )
}
