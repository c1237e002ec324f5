'use client'
import { IconEye } from '@tabler/icons-react'
import { CopyButton } from '@/components/ui/copy-button'
import { RelativeTime } from '@/components/ui/relative-time'
import { Unknown } from '@/components/ui/unknown'
import type { ViewDetail } from '@/lib/contract/views'
import { namespaceLabel, type TableRef } from '@/lib/iceberg/identifiers'
import classes from './view-header.module.css'

/** Which view this is; the name is known before it is read. */
export function ViewHeader({ view, detail }: { view: TableRef; detail: ViewDetail | null }) {
  const prefix = namespaceLabel(view.namespace)
  const name = `${prefix}.${view.table}`
  return (
    <header className={classes.header}>
      <div className={classes.row}>
        <IconEye size={18} stroke={1.6} className={classes.icon} aria-hidden />
        <h1 className={classes.name} title={name}>
          <span className={classes.namespace}>{prefix}.</span>
          {view.table}
        </h1>
        <CopyButton value={name} label="view name" />
        <span className={classes.chip}>view</span>
        {detail && (
          <code className={classes.location} title={detail.location}>
            {detail.location}
          </code>
        )}
      </div>
      {detail && (
        <dl className={classes.figures}>
          <div>
            <dt>version</dt>
            <dd>{detail.currentVersionId}</dd>
          </div>
          <div>
            <dt>current since</dt>
            <dd>
              {detail.currentSinceMs === null ? (
                <Unknown why="the view’s log does not tell" />
              ) : (
                <RelativeTime atMs={detail.currentSinceMs} />
              )}
            </dd>
          </div>
          <div>
            <dt>versions kept</dt>
            <dd>{detail.versionCount}</dd>
          </div>
        </dl>
      )}
    </header>
  )
}
