'use client'
import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { parseAsStringLiteral, useQueryState } from 'nuqs'
import { Unloaded } from '@/components/shell/unloaded'
import { lazyComponent } from '@/components/ui/controls/lazy-component'
import { AddressProblems, checkChoice } from '@/components/ui/notes/address-problems'
import { EmptyState } from '@/components/ui/notes/empty-state'
import { SkeletonRows } from '@/components/ui/notes/skeleton-rows'
import { viewQuery } from '@/lib/client/views'
import type { ViewDetail } from '@/lib/contract/views'
import { asTableIdentifier, entryLabel, type ViewIdentifier } from '@/lib/names/identifiers'
import { useHasPermission } from '@/lib/client/session/permissions'
import { useViewAction, VIEW_ACTIONS } from './actions/use-view-action'
import { useShownVersion } from './use-shown-version'
import { UndoNotice } from './undo-notice'
import { VersionBand } from './version-band'
import { ViewAbout } from './view-about'
import { ViewHeader } from './view-header'
import classes from './view-page.module.css'
import { ViewProperties } from './view-properties'
import { ViewSchema } from './view-schema'
import { ViewSql } from './view-sql'
import { ViewTabs } from './view-tabs'
import { ViewVersions } from './view-versions'

const LazyViewActionPanel = lazyComponent(async () => (await import('./actions/view-action-panel')).ViewActionPanel)

const LazyViewData = lazyComponent(async () => (await import('./view-data')).ViewData, {
  loading: () => <SkeletonRows rows={8} columns={4} label="Loading the rows" />,
})

const LazyViewCheck = lazyComponent(async () => (await import('./view-check')).ViewCheck)

const TABS = ['definition', 'data'] as const
const TAB = parseAsStringLiteral(TABS).withDefault('definition')
const ADDRESS_CHECKS = {
  ...checkChoice('tab', TABS, 'The definition is shown.'),
  ...checkChoice('action', VIEW_ACTIONS, 'No panel is open.', 'not an action of this page'),
}

/** A view: its SQL in every dialect, its schema, its versions and its properties; or its first rows. */
export function ViewPage({ view }: { view: ViewIdentifier }) {
  const query = useQuery(viewQuery(view))
  const detail = query.data
  const [action, setAction] = useViewAction()
  const [tab] = useQueryState('tab', TAB)
  const mayAct = useHasPermission('table:propose', asTableIdentifier(view)) === true
  return (
    <div className="columns fill">
      <div className={classes.page}>
        <ViewHeader view={view} detail={detail ?? null} />
        <ViewTabs view={view} shown={tab} />
        <AddressProblems checks={ADDRESS_CHECKS} />
        {detail && <UndoNotice detail={detail} />}
        {detail && tab === 'data' ? (
          // Another version has other rows.
          <LazyViewData key={`${detail.viewUuid} ${detail.currentVersionId}`} view={view} />
        ) : detail ? (
          <ViewBody view={view} detail={detail} />
        ) : (
          <Unloaded
            query={query}
            subject={entryLabel(view)}
            className="page-note"
            skeleton={[12, 3, 'Reading the view']}
          />
        )}
      </div>
      {action !== null && detail && mayAct && (
        <div className={classes.panel}>
          <LazyViewActionPanel
            key={action}
            view={view}
            detail={detail}
            action={action}
            onClose={() => void setAction(null)}
          />
        </div>
      )}
    </div>
  )
}

function ViewBody({ view, detail }: { view: ViewIdentifier; detail: ViewDetail }) {
  const version = useShownVersion(detail)
  const { shown, requestedId, showVersion } = version
  const mayPropose = useHasPermission('table:propose', asTableIdentifier(view)) === true
  if (shown === null) {
    return (
      <EmptyState
        action={
          <Button variant="default" onClick={() => showVersion(detail.currentVersionId)}>
            Show current version
          </Button>
        }
      >
        Version {requestedId} is not in the history of this view.
      </EmptyState>
    )
  }
  return (
    <>
      <AddressProblems checks={version.checks} />
      {!version.isCurrent && (
        <VersionBand view={view} shown={shown} detail={detail} onBack={() => showVersion(detail.currentVersionId)} />
      )}
      {version.isCurrent && mayPropose && (
        <LazyViewCheck view={view} version={shown} canEdit={detail.abilities.includes('commit-view')} />
      )}
      <div className={classes.body}>
        <div className={classes.column}>
          <ViewSql view={view} detail={detail} shown={shown} version={version} />
          <ViewSchema detail={detail} shown={shown} against={version.against} />
        </div>
        <div className={classes.column}>
          <ViewVersions detail={detail} shown={shown} onShow={showVersion} />
          <ViewAbout detail={detail} shown={shown} />
          <ViewProperties properties={detail.properties} />
        </div>
      </div>
    </>
  )
}
