import { Button } from '@mantine/core'
import { IconPencil, IconPlug } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { OwnerLink } from '@/components/about/owner-link'
import { TagList } from '@/components/about/tag-list'
import { useShownTable } from '@/components/table/frame/shown-table'
import { useCanEdit } from '@/components/table/frame/use-can-change'
import { useTableAction } from '@/components/table/lifecycle/use-table-action'
import { CopyButton } from '@/components/ui/controls/copy-button'
import { Mono } from '@/components/ui/values/mono'
import { RelativeTime } from '@/components/ui/values/relative-time'
import { Unknown } from '@/components/ui/values/unknown'
import { VisibleText } from '@/components/ui/values/visible-text'
import { readAbout } from '@/lib/iceberg/properties/about'
import classes from './about-strip.module.css'

/**
 * The description of the table, its owner, tags and location in two lines, with its state in figures below.
 *
 * @param props.children the figures
 */
export function AboutStrip({
  isConnecting,
  onConnect,
  children,
}: {
  isConnecting: boolean
  onConnect: () => void
  children: ReactNode
}) {
  const { detail } = useShownTable()
  const { shown, shownMetadata, tableUuid, location } = detail
  const { description, owner, tags, badge, badgeReason } = readAbout(detail.properties)
  const canEdit = useCanEdit().isOffered === true
  const [, setAction] = useTableAction()
  const now = shown.isCurrent ? '' : ' now'
  return (
    <section className={classes.about} aria-label="About">
      <div className={classes.description}>
        <p>
          {description === null ? (
            <span className="quiet">No description yet.</span>
          ) : (
            <VisibleText>{description}</VisibleText>
          )}
          {description !== null && !shown.isCurrent && ' (comment as of now)'}
        </p>
        {canEdit && (
          <Button
            variant="subtle"
            leftSection={<IconPencil size={14} stroke={1.6} aria-hidden />}
            onClick={() => void setAction('about')}
          >
            Edit
          </Button>
        )}
        <Button
          variant="default"
          aria-expanded={isConnecting}
          leftSection={<IconPlug size={14} stroke={1.6} aria-hidden />}
          onClick={onConnect}
        >
          Connect
        </Button>
      </div>
      <dl className={classes.facts}>
        {owner !== null && (
          <div>
            <dt>{`Owner${now}`}</dt>
            <dd>
              <OwnerLink owner={owner} />
            </dd>
          </div>
        )}
        {tags.length > 0 && (
          <div>
            <dt>{`Tags${now}`}</dt>
            <dd>
              <TagList tags={tags} hasLinks />
            </dd>
          </div>
        )}
        {badgeReason !== null && (
          <div>
            <dt>{badge === 'deprecated' ? 'Deprecated' : 'Certified'}</dt>
            <dd className={classes.reason}>
              <VisibleText>{badgeReason}</VisibleText>
            </dd>
          </div>
        )}
        <div className={classes.location}>
          <dt className="sr-only">Location</dt>
          <dd>
            <span className="truncate">
              <Mono title={location}>{location}</Mono>
            </span>
            <CopyButton value={location} label="location" size={24} />
          </dd>
        </div>
        <div>
          <dt>id</dt>
          <dd>
            <Mono title={tableUuid}>{firstAndLast(tableUuid)}</Mono>
            <CopyButton value={tableUuid} label="table id" size={24} />
          </dd>
        </div>
        <div>
          <dt>metadata</dt>
          <dd>
            {shownMetadata === null ? (
              <Unknown reason={detail.shownMetadataProblem ?? 'not known'} />
            ) : (
              <>
                <Mono title={shownMetadata.location}>{shortFileName(shownMetadata.location)}</Mono>
                <RelativeTime atMs={shownMetadata.lastUpdatedMs} />
                <CopyButton value={shownMetadata.location} label="location of the metadata file" size={24} />
              </>
            )}
          </dd>
        </div>
      </dl>
      {children}
    </section>
  )
}

const END_CHARS = 4

function firstAndLast(id: string): string {
  return id.length <= 2 * END_CHARS + 1 ? id : `${id.slice(0, END_CHARS)}…${id.slice(-END_CHARS)}`
}

/** The version that writers put before the rest of the name of a metadata file: `00017-69fa….metadata.json`. */
function shortFileName(location: string): string {
  const name = location.slice(location.lastIndexOf('/') + 1)
  const version = /^(\d{1,10})-/.exec(name)?.[1]
  return version === undefined ? name : `${version}…`
}
