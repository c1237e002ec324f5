'use client'
import { parseAsInteger, parseAsString, useQueryStates } from 'nuqs'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import type { ViewDetail, ViewVersion } from '@/lib/contract/views'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatExactTime } from '@/lib/format/time'
import { VersionDifferences } from '../version-differences'
import { ViewEditPanel } from './view-edit-panel'
import type { ViewPanelProps } from './view-panel-props'

/** Makes an earlier version current again, after a review. */
export function RollBackPanel({ view, detail, onClose }: ViewPanelProps) {
  const timeZone = useTimeZone()
  const [params, setParams] = useQueryStates({ version: parseAsInteger, undo: parseAsInteger, action: parseAsString })
  const current = findVersion(detail, detail.currentVersionId)
  const target = params.version === null ? null : findVersion(detail, params.version)
  const isOther = target !== null && current !== null && target.versionId !== current.versionId
  return (
    <ViewEditPanel
      view={view}
      title="Roll back"
      action={isOther ? `Roll back to version ${target.versionId}` : 'Roll back'}
      edit={isOther ? { kind: 'roll-back', baseVersionId: current.versionId, versionId: target.versionId } : null}
      onClose={onClose}
      onDone={() => void setParams({ version: null, action: null, undo: current?.versionId ?? null })}
    >
      <LazySelect
        label="Version"
        placeholder="Select a version"
        data={detail.versions
          .filter(({ versionId }) => versionId !== detail.currentVersionId)
          .map(({ versionId, createdAtMs }) => ({
            value: String(versionId),
            label: `version ${versionId}, ${formatExactTime(createdAtMs, timeZone)}`,
          }))}
        value={isOther ? String(target.versionId) : null}
        onChange={(value) => void setParams({ version: value === null ? null : Number(value) })}
      />
      {isOther && <VersionDifferences detail={detail} before={current} after={target} />}
    </ViewEditPanel>
  )
}

function findVersion({ versions }: ViewDetail, requested: number): ViewVersion | null {
  return versions.find(({ versionId }) => versionId === requested) ?? null
}
