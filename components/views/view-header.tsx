'use client'
import { IconEye } from '@tabler/icons-react'
import Link from 'next/link'
import { AboutBadges } from '@/components/about/about-badges'
import { CatalogLabelChip, CatalogPrefix } from '@/components/shell/catalog-name'
import { LazyEntryStar } from '@/components/shell/shortcuts/lazy-favourite-button'
import { HeaderFigure, HeaderFigures, NameHeader } from '@/components/ui/name-header'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import type { ViewDetail } from '@/lib/contract/views'
import { namespaceLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { paths } from '@/lib/paths/paths'
import { ViewActions } from './actions/view-actions'

/** The header of a view page. `detail` is null while the view is loading or cannot be read. */
export function ViewHeader({ view, detail }: { view: ViewIdentifier; detail: ViewDetail | null }) {
  return (
    <NameHeader
      icon={IconEye}
      prefix={namespaceLabel(view.namespace)}
      name={view.view}
      copyLabel="view name"
      catalog={<CatalogPrefix catalog={view.catalog} />}
      star={
        detail && (
          <LazyEntryStar
            entry={{ kind: 'view', catalog: view.catalog, namespace: view.namespace, name: view.view }}
            uuid={detail.viewUuid}
          />
        )
      }
      badges={
        <>
          <CatalogLabelChip catalog={view.catalog} />
          {detail && <AboutBadges properties={detail.properties} />}
        </>
      }
      chips={['view']}
      location={detail?.location ?? null}
      {...(detail && { controls: <ViewActions view={view} detail={detail} /> })}
    >
      {detail && (
        <HeaderFigures>
          <HeaderFigure name="version">{detail.currentVersionId}</HeaderFigure>
          <HeaderFigure name="current since">
            {detail.currentSinceMs === null ? (
              <Unknown reason="not in the view’s log" />
            ) : (
              <RelativeTime atMs={detail.currentSinceMs} />
            )}
          </HeaderFigure>
          <HeaderFigure name="versions">{detail.versionCount}</HeaderFigure>
          <HeaderFigure name="proposals">
            <Link href={paths.proposals(view)} prefetch={false}>
              {detail.openProposalCount} open
            </Link>
          </HeaderFigure>
        </HeaderFigures>
      )}
    </NameHeader>
  )
}
